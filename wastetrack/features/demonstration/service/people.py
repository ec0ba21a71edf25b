"""The people of the demonstration: who acts for whom, and what is worth trying as each of them."""

from dataclasses import dataclass

from wastetrack.domain.access import Role
from wastetrack.domain.words import N_


@dataclass(frozen=True)
class Person:
    """One account. `of` names an organisation of the data, `region` a division, `truck` a vehicle he drives."""

    username: str
    name: str
    role: Role
    of: str = ""
    region: str = ""
    truck: str = ""
    hint: str = ""
    also: tuple[Role, ...] = ()
    """Further roles."""


ADMINISTRATORS = (
    Person("admin.system", "演示-系统管理员", Role.SYSTEM_ADMIN,
           hint=N_("Enter the renewed licence of the carrier of dangerous goods: the factory can then sign.")),
    Person("admin.security", "演示-安全管理员", Role.SECURITY_ADMIN, hint=N_("Make an account, close it again.")),
    Person("admin.audit", "演示-审计管理员", Role.AUDIT_ADMIN, hint=N_("Look at the custody ledger and verify it.")),
)  # fmt: skip

_CLINIC = N_("Register a bag and hand it in at the station.")

PEOPLE = (
    Person("city.collector", "演示-收集员一", Role.COLLECTOR, "city-hospital",
           hint=N_("Weigh and label the next bag; place the bags of your round in the store.")),
    Person("city.evening", "演示-收集员三", Role.COLLECTOR, "city-hospital",
           hint=N_("Go through the wards in the evening shift.")),
    Person("city.manager", "演示-管理员一", Role.MANAGER, "city-hospital",
           hint=N_("Follow a load; see which box is missing and which was found again.")),
    Person("county.collector", "演示-收集员二", Role.COLLECTOR, "county-hospital",
           hint=N_("Register a sharps box and print its label.")),
    Person("county.manager", "演示-管理员二", Role.MANAGER, "county-hospital",
           hint=N_("The infection ward's store is overdue: make a manifest for it and sign. There is also a draft.")),
    Person("factory.manager", "演示-管理员三", Role.MANAGER, "factory",
           hint=N_("Sign the draft: it is refused, because the licence of the carrier has expired.")),
    Person("university.manager", "演示-管理员四", Role.MANAGER, "university",
           hint=N_("Find the load that was refused and taken back.")),
    Person("clinic.qingquan", "演示-乡村医生一", Role.CLINIC, "xc-2", hint=_CLINIC),
    Person("clinic.quyangqiao", "演示-乡村医生二", Role.CLINIC, "qy-1",
           hint=N_("See where the handed-in bags are now. One hand-in waits at the station.")),
    Person("station.xinchengpu", "演示-站管员一", Role.ATTENDANT, "station-a",
           hint=N_("The station holds more than it may: make a manifest for what stands there.")),
    Person("station.quyangqiao", "演示-站管员二", Role.ATTENDANT, "station-b",
           hint=N_("Receive the hand-in that waits, box by box.")),
    Person("hub.zhengding", "演示-站管员三", Role.ATTENDANT, "hub",
           hint=N_("A signed manifest waits for the driver; an earlier one was made void.")),
    Person("driver.city", "演示-驾驶员一", Role.DRIVER, "medical-carrier", truck="city",
           hint=N_("Your load has arrived and is being received.")),
    Person("driver.county", "演示-驾驶员二", Role.DRIVER, "medical-carrier", truck="county",
           hint=N_("You are on the way: say that you have arrived.")),
    Person("driver.township", "演示-驾驶员三", Role.DRIVER, "medical-carrier", truck="township",
           hint=N_("A signed manifest waits at the hub: scan its boxes and depart.")),
    Person("driver.chemical", "演示-驾驶员四", Role.DRIVER, "chemical-carrier", truck="chemical",
           hint=N_("Nothing to drive: the licence has expired.")),
    Person("carrier.manager", "演示-管理员五", Role.MANAGER, "medical-carrier",
           hint=N_("Look at vehicles and crew with their papers.")),
    Person("plant.incineration", "演示-接收员一", Role.OPERATOR, "incineration",
           hint=N_("Go on receiving the load at the gate; treat what stands in the store.")),
    Person("plant.steam", "演示-接收员二", Role.OPERATOR, "steam",
           hint=N_("Receive the load that is on the way; sterilise a batch.")),
    Person("regulator.province", "演示-省级监管员", Role.REGULATOR, region="130000",
           hint=N_("See the whole province; find a manifest by its number.")),
    Person("regulator.city", "演示-市级监管员", Role.REGULATOR, region="130100",
           hint=N_("Follow the missing box back to its ward.")),
    Person("regulator.county", "演示-县级监管员", Role.REGULATOR, region="130123",
           also=(Role.APPROVER,),
           hint=N_("See the overdue store and the station above its limit. An organisation asks to be admitted from "
                   "the sign-in page: review it.")),
    Person("regulator.township", "演示-乡镇网格员", Role.REGULATOR, region="130123102",
           hint=N_("See your township and nothing else.")),
    Person("inspector.county", "演示-执法检查员", Role.INSPECTOR, region="130123", also=(Role.REGULATOR,),
           hint=N_("Confirm what the county hospital has answered, or send it back. Another remedy is overdue.")),
    Person("commander.county", "演示-应急指挥员", Role.COMMANDER, region="130123", also=(Role.REGULATOR,),
           hint=N_("See who has carried out your order; give another one.")),
    Person("clinic.xinchengpu", "演示-乡村医生三", Role.CLINIC, "xc-1", hint=_CLINIC),
    Person("clinic.xinglin", "演示-诊所医生四", Role.CLINIC, "xc-3", hint=_CLINIC),
    Person("clinic.xinan", "演示-乡村医生五", Role.CLINIC, "xa-1", hint=_CLINIC),
    Person("clinic.liudi", "演示-乡村医生六", Role.CLINIC, "xa-2", hint=_CLINIC),
    Person("clinic.kangning", "演示-诊所医生七", Role.CLINIC, "xa-3", hint=_CLINIC),
    Person("clinic.shiqiao", "演示-乡村医生八", Role.CLINIC, "qy-2", hint=_CLINIC),
    Person("clinic.baicao", "演示-诊所医生九", Role.CLINIC, "qy-3", hint=_CLINIC),
    Person("clinic.nanniu", "演示-乡村医生十", Role.CLINIC, "nn-1", hint=_CLINIC),
    Person("clinic.yanglin", "演示-乡村医生十一", Role.CLINIC, "nn-2", hint=_CLINIC),
    Person("clinic.renhe", "演示-诊所医生十二", Role.CLINIC, "nn-3", hint=_CLINIC),
)  # fmt: skip
