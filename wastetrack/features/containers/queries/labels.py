"""What the labels of containers say."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wastetrack.documents.facts import LabelFacts
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import USUAL_LITRES
from wastetrack.domain.storage_time import leaves_institution_by
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Form, WasteCode, category_of, medical_class_of
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.i18n import CHINESE, _, speaking


def label_facts(session: Session, container: Container, address: str) -> LabelFacts:
    """Return what a container's label says: only facts of its registration, so that a label never changes.

    `address` is the address of this installation, without a slash at the end. The language of labels is Chinese.
    """
    return labels_of(session, [container], address)[0]


def labels_of(session: Session, containers: Sequence[Container], address: str) -> list[LabelFacts]:
    """Return the labels of several containers."""
    wanted = {one.producer_id for one in containers}
    producers = session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    by_id = {producer.id: producer for producer in producers}
    return [label_of(one, by_id[one.producer_id], address) for one in containers]


def label_of(container: Container, producer: Organisation, address: str) -> LabelFacts:
    """Return the label of one container of a known producer, in Chinese."""
    with speaking(CHINESE):
        return _label(container, producer, address)


def _label(container: Container, producer: Organisation, address: str) -> LabelFacts:
    code = WasteCode(container.waste_code)
    medical = medical_class_of(code)
    note = " ".join(filter(None, (_(container.isolation.label) if container.isolation else "", container.note)))
    return LabelFacts(
        code=pretty(ContainerCode(container.code)),
        address=f"{address.upper()}/C/{container.code}",
        producer_name=producer.name,
        waste_code=container.waste_code,
        mass_g=container.mass_g,
        kind=_(container.packaging.label),
        department=container.department,
        class_name=_(medical.label) if medical else "",
        special_note=note,
        sealed_at=container.sealed_at,
        must_leave_by=container.label_leave_by
        or leaves_institution_by(container.medical, container.waste_code, container.sealed_at),
        produced_on=local_day(container.sealed_at),
        waste_name=container.waste_name,
        category=category_of(code),
        hazards=tuple(container.hazards.split()),
        form=_(Form(container.form).label),  # type: ignore[call-arg]
        main_components=container.components,
        harmful_components=container.harmful,
        precautions=container.precautions,
        digital_code=container.digital_code or "",
        contact=producer.contact,
        phone=producer.phone,
        remark=note,
        packaging=container.packaging,
        litres=litres_of(container),
    )


def litres_of(container: Container) -> int:
    """Return what a container holds, as entered or as usual for its kind: on it the size of its label depends."""
    return container.volume_l or USUAL_LITRES[container.packaging]
