"""Signing authority and agreements."""
# ruff: noqa: E501  (the agreement is kept to the letter, a paragraph in each line)

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SIGNED_BY = {
    "manager": ("consignor",),
    "attendant": ("consignor", "station"),
    "driver": ("carrier",),
    "operator": ("receiver", "treatment"),
}
"""What the roles signed before authority was granted apart from them."""

FROM = date(2026, 1, 1)

CHINESE = """\
电子签名使用协议（第1版）
本协议是本平台使用单位自行制定的文本，不是法律法规规定的格式文本；平台的安全管理员可以自某日起启用新的版本。
一、约定使用电子签名。依据《中华人民共和国电子签名法》第三条，签名人同意在本平台办理危险废物转移联单、周转站接收和处置批次等业务时使用电子签名；有关各方不得仅因采用电子签名、数据电文的形式而否定其法律效力。
二、什么是签名。签名人登录本人账户，阅读签名按钮上方显示的内容后按下该按钮，即为签名。平台按安全策略要求签名人再次输入密码或一次性验证码。扫描标签、填写草稿和申报不是签名。
三、授权。签名人只能在单位授予的签字权限和期限内，代表该单位签名。权限届满或被撤回后，不得继续签名。
四、保管。签名人应当妥善保管密码、一次性验证码和接收验证码的设备，不得交给他人使用，也不得使用他人的账户签名。发现已经泄露或者可能泄露的，应当立即告知单位管理员或安全管理员，并停止使用（《中华人民共和国电子签名法》第十五条）。
五、记录。平台保存签名人、所代表的单位、角色、签字权限、身份确认方式、所显示的内容及其校验值、所签内容的校验值和签名时间，并写入不可更改的流转账本。签名后的更改能够被发现。
六、核对。签名人签名前应当核对所显示的内容；内容有误的不得签名。签名后发现有误的，应当按规定更正或者作废，原签名仍予保留。
七、新版本。启用新版本时，签名人应当在平台规定的期限内接受新版本；逾期未接受的，接受之前不能签名。
八、生效。签名人勾选同意并再次确认身份后，本协议对其生效。"""

ENGLISH = """\
Agreement on the use of electronic signatures (version 1)
This is the installation's own text, not a form prescribed by law; the security administrator may put another version in force from a day on.
1. Use of electronic signatures is agreed. Under Article 3 of the Electronic Signature Law of the People's Republic of China the signer agrees to use electronic signatures on this platform for transfer manifests of hazardous waste, receipts at stations, batches of treatment and the like. None of those concerned denies their legal effect for the sole reason that they are electronic signatures or data messages.
2. What a signature is. The signer signs by pressing, in his own account, the button of a signature after reading what stands above it. The platform asks again for the password or a one-time code as its security policy says. Scanning labels, filling in drafts and declaring are not signatures.
3. Authority. The signer signs for the organisation only within the authority it has granted him and within its days. Once it has ended or was withdrawn he signs no more.
4. Safekeeping. The signer keeps his password, his one-time codes and the device that shows them to himself, lets nobody else use them and signs with nobody else's account. If they are or may be known to somebody else he tells the organisation's manager or the security administrator at once and stops using them (Electronic Signature Law, Article 15).
5. Record. The platform keeps who signed, for which organisation, in which role, on what authority, how his identity was shown, the words that were shown with their hash, the hash of what was signed, and when; and writes it into a ledger that cannot be changed. A change made afterwards can be discovered.
6. Checking. The signer checks what is shown before he signs, and does not sign what is wrong. What turns out to be wrong afterwards is corrected or made void as prescribed; the signature stays on the record.
7. New versions. When a new version comes into force the signer accepts it within the days that the platform allows; after them he cannot sign before he has accepted it.
8. Taking effect. The agreement binds the signer once he has ticked that he accepts it and has shown again who he is."""


def _term(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _signature() -> sa.Enum:
    return _term("signature", "consignor", "carrier", "receiver", "station", "treatment")


def upgrade() -> None:
    """Make room for them; whoever signs by his role today goes on signing."""
    op.add_column("security_policy", sa.Column("longest_grant_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "security_policy", sa.Column("agreement_grace_days", sa.Integer(), server_default="14", nullable=False)
    )
    grants, agreements = _grants(), _agreements()
    _acceptances()
    _signatures()
    bind = op.get_bind()
    now = datetime.now(UTC)
    text_hash = hashlib.sha256(f"{CHINESE}\n\n{ENGLISH}".encode()).hexdigest()
    bind.execute(
        sa.insert(agreements).values(
            version=1, chinese=CHINESE, english=ENGLISH, text_hash=text_hash, in_force_from=FROM,
            reason="", issued_at=now,
        )
    )  # fmt: skip
    carried = list(_carried_over(bind, now))
    if carried:
        bind.execute(sa.insert(grants), carried)


def _carried_over(bind, now):
    """Yield a grant for each signature that somebody's roles gave him, from the day his account was made."""
    users = sa.table(
        "users", sa.column("id", sa.Uuid()), sa.column("organisation_id", sa.Uuid()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    roles = sa.table("user_roles", sa.column("user_id", sa.Uuid()), sa.column("role", sa.String()))
    query = sa.select(users.c.id, users.c.organisation_id, users.c.created_at, roles.c.role)
    query = query.join(roles, roles.c.user_id == users.c.id).where(users.c.organisation_id.is_not(None))
    made = set()
    for user_id, organisation_id, created_at, role in bind.execute(query.where(roles.c.role.in_(list(SIGNED_BY)))):
        for signature in SIGNED_BY[role]:
            if (user_id, signature) in made:
                continue
            made.add((user_id, signature))
            yield {
                "id": _id(user_id, signature), "user_id": user_id, "organisation_id": organisation_id,
                "signature": signature, "since": _day(created_at), "basis": "", "origin": "carried_over",
                "granted_at": now,
            }  # fmt: skip


def _id(user_id: UUID, signature: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"wastetrack:signing:{user_id}:{signature}")


def _day(moment: datetime):
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment.astimezone(UTC) + timedelta(hours=8)).date()


def _grants() -> sa.Table:
    made = op.create_table(
        "signing_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("signature", _signature(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column(
            "origin", _term("grantorigin", "granted", "with_account", "carried_over", "handed_over"), nullable=False
        ),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), server_default="", nullable=False),
        *(
            sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_signing_grants_{column}_users"))
            for column in ("user_id", "granted_by", "withdrawn_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signing_grants_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_grants")),
    )
    op.create_index(op.f("ix_signing_grants_user_id"), "signing_grants", ["user_id"], unique=False)
    op.create_index(op.f("ix_signing_grants_organisation_id"), "signing_grants", ["organisation_id"], unique=False)
    return made


def _agreements() -> sa.Table:
    return op.create_table(
        "signing_agreements",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chinese", sa.Text(), nullable=False),
        sa.Column("english", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"], name=op.f("fk_signing_agreements_issued_by_users")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_signing_agreements")),
    )


def _acceptances() -> None:
    op.create_table(
        "signing_acceptances",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assurance", _term("assurance", "password", "password_code"), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_signing_acceptances_user_id_users")),
        sa.ForeignKeyConstraint(
            ["version"], ["signing_agreements.version"], name=op.f("fk_signing_acceptances_version_signing_agreements")
        ),
        sa.PrimaryKeyConstraint("user_id", "version", name=op.f("pk_signing_acceptances")),
    )


def _signatures() -> None:
    refers = {
        "user_id": "users.id", "organisation_id": "organisations.id", "grant_id": "signing_grants.id", "mandate_id": "mandates.id",
        "agreement_version": "signing_agreements.version",
    }  # fmt: skip
    op.create_table(
        "signatures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signature", _signature(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("assurance", _term("assurance", "password", "password_code"), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("shown_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_signatures_{column}_{to.partition('.')[0]}"))
            for column, to in refers.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.CheckConstraint("(grant_id IS NULL) <> (mandate_id IS NULL)", name=op.f("ck_signatures_one_authority")),
        sa.UniqueConstraint("stream", "version", name=op.f("uq_signatures_stream_version")),
    )
    op.create_index(op.f("ix_signatures_user_id"), "signatures", ["user_id"], unique=False)
