/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS "visit|secondment|joint_research|joint_planning|iter_assignment|workshop"
#define STATUSES "proposed|under_review|approved|active|completed|declined|cancelled"
#define APPROVALS "home|host|export_control|visa"
#define SIDES "home|host|both|third"
#define READERS (ROLE_MEMBER | ROLE_COORDINATOR | ROLE_SECRETARIAT | ROLE_ADMIN | ROLE_AUDITOR)

static const struct param skill_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "At which level, 1 to 5"},
    PARAM_ROW_END,
};

static const struct param participant_fields[] = {
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "Who takes part; or else an organization and how many people"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "For which organization"},
    {.name = "people", .type = PARAM_INTEGER, .min = 1, .max = 10000, .unit = "people",
     .help = "How many people of the organization, where they are not recorded one by one"},
    {.name = "days", .type = PARAM_INTEGER, .min = 1, .max = 366, .unit = "days",
     .help = "How many days"},
    PARAM_ROW_END,
};

static const struct param cost_fields[] = {
    {.name = "part", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "travel|stay|salary|insurance|facility|venue|training|other",
     .help = "Which part"},
    {.name = "payer", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "home|host|scheme|third",
     .help = "Who pays it"},
    {.name = "amount", .type = PARAM_NUMBER, .min = 0, .max = 999999999999,
     .help = "How much, in the currency"},
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3, .help = "ISO 4217 code, as USD"},
    PARAM_ROW_END,
};

static const struct param assignment_fields[] = {
    {.name = "type", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "staff|secondment|project_associate|fellow|visiting_researcher|intern",
     .help = "In which form the person is there"},
    {.name = "agency", .type = PARAM_REFERENCE,
     .help = "The domestic agency or employer that assigns the person"},
    {.name = "department", .type = PARAM_TEXT, .min = 1, .max = 200,
     .help = "Department at the ITER Organization"},
    {.name = "position", .type = PARAM_TEXT, .min = 1, .max = 200, .help = "The post"},
    {.name = "reference", .type = PARAM_TEXT, .min = 1, .max = 200,
     .help = "Number of the post or agreement"},
    {.name = "contract_ends", .type = PARAM_DATE, .help = "Last day of the contract"},
    PARAM_ROW_END,
};

#define ROW_REASON(text)                                                                           \
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 1000,         \
     .help = text}

static const struct param create_params[] = {
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = KINDS,
     .help = "What kind of exchange it is"},
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "Who goes; a workshop has participants instead"},
    {.name = "home", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The organization that sends"},
    {.name = "host", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The organization that receives"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "First day planned"},
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "Last day planned"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as EX-2026-0042, if absent"},
    {.name = "title", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "What it is about"},
    {.name = "facility", .type = PARAM_REFERENCE, .help = "The facility where the work is done"},
    {.name = "agreement", .type = PARAM_REFERENCE, .help = "The agreement that it stands under"},
    {.name = "committee", .type = PARAM_REFERENCE, .help = "The committee that it belongs to"},
    {.name = "scheme", .type = PARAM_REFERENCE, .help = "The scheme whose calendar it follows"},
    {.name = "category", .type = PARAM_TEXT, .min = 1, .max = 100,
     .help = "Which category of the scheme"},
    {.name = "key_person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "The key person of the field, who is consulted on plan and changes"},
    {.name = "counterpart", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "The person who is the counterpart at the host"},
    PARAM_ROW_PILLARS,
    {.name = "objectives", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "Skills that it aims at, with their levels"},
    {.name = "fte", .type = PARAM_NUMBER, .min = 0.001, .max = 1, .unit = "FTE",
     .help = "FTE that the person gives to it; 1 if absent"},
    {.name = "in_person", .type = PARAM_BOOLEAN,
     .help = "Whether the person is present, so on one exchange at a time; true if absent"},
    {.name = "days_proposed", .type = PARAM_INTEGER, .min = 1, .max = 3660, .unit = "days",
     .help = "Days proposed; all from the first to the last if absent"},
    {.name = "funding", .type = PARAM_CHOICE, .choices = SIDES,
     .help = "Which side pays; home if absent"},
    {.name = "costs", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = cost_fields,
     .help = "Who pays which part"},
    {.name = "requires", .type = PARAM_CHOICE, .flags = PARAM_LIST, .choices = APPROVALS,
     .help = "Approvals without which it cannot become active; home and host if absent"},
    {.name = "participants", .type = PARAM_OBJECT, .flags = PARAM_LIST,
     .fields = participant_fields,
     .help = "Who takes part in a workshop"},
    {.name = "assignment", .type = PARAM_OBJECT, .flags = PARAM_PERSONAL, .fields = assignment_fields,
     .help = "Details of an assignment to ITER"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

/* From home to category: the plan, fixed once it is approved. The rest may change at any time. */
static const struct param update_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "home", .type = PARAM_REFERENCE,
     .help = "The organization that sends; only before approval"},
    {.name = "host", .type = PARAM_REFERENCE,
     .help = "The organization that receives; only before approval"},
    {.name = "starts", .type = PARAM_DATE, .help = "First day planned; only before approval"},
    {.name = "ends", .type = PARAM_DATE, .help = "Last day planned; only before approval"},
    {.name = "objectives", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "All skills that it aims at, in place of those recorded; only before approval"},
    {.name = "fte", .type = PARAM_NUMBER, .min = 0.001, .max = 1, .unit = "FTE",
     .help = "FTE that the person gives to it; only before approval"},
    {.name = "in_person", .type = PARAM_BOOLEAN,
     .help = "Whether the person is present; only before approval"},
    {.name = "days_proposed", .type = PARAM_INTEGER, .min = 1, .max = 3660, .unit = "days",
     .help = "Days proposed; only before approval"},
    {.name = "requires", .type = PARAM_CHOICE, .flags = PARAM_LIST, .choices = APPROVALS,
     .help = "All approvals that it needs; only before approval"},
    {.name = "scheme", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The scheme whose calendar it follows; only before approval"},
    {.name = "category", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 100,
     .help = "Which category of the scheme; only before approval"},
    {.name = "title", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .min = 1, .max = 300,
     .help = "What it is about"},
    {.name = "facility", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The facility where the work is done"},
    {.name = "agreement", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The agreement that it stands under"},
    {.name = "committee", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The committee that it belongs to"},
    {.name = "key_person", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .help = "The key person of the field, who is consulted on plan and changes"},
    {.name = "counterpart", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .help = "The person who is the counterpart at the host"},
    PARAM_ROW_PILLARS,
    {.name = "funding", .type = PARAM_CHOICE, .choices = SIDES, .help = "Which side pays"},
    {.name = "costs", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = cost_fields,
     .help = "Who pays which part, in place of what is recorded"},
    {.name = "participants", .type = PARAM_OBJECT, .flags = PARAM_LIST,
     .fields = participant_fields,
     .help = "All who take part in a workshop, in place of those recorded"},
    {.name = "assignment", .type = PARAM_OBJECT, .flags = PARAM_PERSONAL, .fields = assignment_fields,
     .help = "Details of an assignment to ITER, in place of those recorded"},
    {.name = "returned", .type = PARAM_BOOLEAN, .flags = PARAM_CLEARABLE,
     .help = "Whether the person returned home; only after completion"},
    {.name = "outcome", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 4000,
     .help = "What came of it; only after completion"},
    {.name = "publications", .type = PARAM_TEXT, .flags = PARAM_LIST, .min = 1, .max = 500,
     .help = "DOIs or https addresses of all that was published, in place of those recorded; only "
             "after completion"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only this status"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "Only this kind"},
    {.name = "home", .type = PARAM_REFERENCE, .help = "Only those that this organization sends"},
    {.name = "host", .type = PARAM_REFERENCE, .help = "Only those that this organization receives"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only those that this organization sends or receives"},
    {.name = "home_country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those from this country, as JP"},
    {.name = "host_country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those to this country, as US"},
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "Only those on which this person goes or takes part"},
    {.name = "committee", .type = PARAM_REFERENCE, .help = "Only those of this committee"},
    {.name = "agreement", .type = PARAM_REFERENCE, .help = "Only those under this agreement"},
    {.name = "scheme", .type = PARAM_REFERENCE, .help = "Only those under this scheme"},
    {.name = "category", .type = PARAM_TEXT, .min = 1, .max = 100,
     .help = "Only this category of a scheme"},
    {.name = "in_scheme", .type = PARAM_BOOLEAN,
     .help = "Only those under a scheme, or with false only those outside any"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only those that aim at this skill, or at a skill of this category, or gained it"},
    {.name = "active_on", .type = PARAM_DATE,
     .help = "Only those approved, active or completed that hold this day"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param step_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param decide_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "approval", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = APPROVALS,
     .help = "Whose approval was decided"},
    {.name = "decision", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "granted|refused",
     .help = "How it was decided; a later decision takes the place of an earlier one"},
    {.name = "decided_on", .type = PARAM_DATE, .help = "Day of the decision; today if absent"},
    {.name = "reference", .type = PARAM_TEXT, .max = 200,
     .help = "Reference of the deciding office"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param approve_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "days_approved", .type = PARAM_INTEGER, .min = 1, .max = 3660, .unit = "days",
     .help = "Days approved; the days proposed if absent"},
    {.name = "reason", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Why, where the days differ from those proposed"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param decline_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    ROW_REASON("Why it is declined"),
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param activate_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "started_on", .type = PARAM_DATE, .help = "Its first day; the one planned if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param complete_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "ended_on", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "Its last day; what was gained is held from it on"},
    {.name = "started_on", .type = PARAM_DATE,
     .help = "Its first day, where it differs from the one recorded"},
    {.name = "days_actual", .type = PARAM_INTEGER, .min = 0, .max = 3660, .unit = "days",
     .help = "Days really taken, never more than approved; all from the first to the last if "
             "absent"},
    {.name = "returned", .type = PARAM_BOOLEAN,
     .help = "Whether the person returned home; not known if absent"},
    {.name = "outcome", .type = PARAM_TEXT, .max = 4000, .help = "What came of it"},
    {.name = "publications", .type = PARAM_TEXT, .flags = PARAM_LIST, .min = 1, .max = 500,
     .help = "DOIs or https addresses of what was published"},
    {.name = "gains", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "Skills that the person gained, with the levels reached"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param cancel_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    ROW_REASON("Why it is cancelled"),
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param correct_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    ROW_REASON("Why what was recorded is wrong"),
    {.name = "took_place", .type = PARAM_BOOLEAN,
     .help = "Whether it took place at all; if not it becomes cancelled; true if absent"},
    {.name = "started_on", .type = PARAM_DATE, .help = "Its right first day"},
    {.name = "ended_on", .type = PARAM_DATE, .help = "Its right last day"},
    {.name = "days_actual", .type = PARAM_INTEGER, .min = 0, .max = 3660, .unit = "days",
     .help = "Days that were really taken"},
    {.name = "returned", .type = PARAM_BOOLEAN, .help = "Whether the person really returned"},
    {.name = "gains", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "Skills that were really gained; all that it granted is reversed before; none if "
             "absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

#define COLUMNS_FRONT                                                                              \
    {"code", "string", "Code", "コード", "Short code that people quote"},                          \
    {"kind", "string", "Kind", "種別", "What kind of exchange it is"},                             \
    {"person.code", "string", "Person", "人", "Pseudonym of who goes"},                            \
    {"home.name", "string", "Home", "派遣元", "The organization that sends"},                      \
    {"host.name", "string", "Host", "受入先", "The organization that receives"},                   \
    {"starts", "string", "Starts", "開始日", "First day, as it was, or as it is planned"},         \
    {"ends", "string", "Ends", "終了日", "Last day, as it was, or as it is planned"},              \
    {"status", "string", "Status", "状況", "Where it stands"}

static const struct column columns[] = {
    COLUMNS_FRONT,
    {"actions", "array", "Possible", "可能な操作", "What can be done with it next"},
    {"title", "string", "Title", "題目", "What it is about"},
    {"direction", "string", "Direction", "方向", "From which country to which, as JP→US"},
    {"home_country", "string", "From", "派遣国", "Country of the home organization"},
    {"host_country", "string", "To", "受入国", "Country of the host organization"},
    {"facility.name", "string", "Facility", "施設", "The facility where the work is done"},
    {"agreement.name", "string", "Agreement", "協定", "The agreement that it stands under"},
    {"committee.name", "string", "Committee", "委員会", "The committee that it belongs to"},
    {"scheme.name", "string", "Scheme", "制度", "The scheme whose calendar it follows"},
    {"category", "string", "Category", "区分", "Which category of the scheme"},
    {"category_name", "string", "Category name", "区分名", "What the category is called"},
    {"deadlines", "array", "Due", "期限", "What is still due, and by which day"},
    {"notices", "array", "Handed in", "届出",
     "Plans and reports handed in, and notices of change with what was decided"},
    {"key_person.code", "string", "Key person", "キーパーソン",
     "Pseudonym of the key person of the field"},
    {"counterpart.code", "string", "Counterpart", "受入担当者",
     "Pseudonym of the counterpart at the host"},
    {"pillars", "array", "Pillars", "柱", "The pillars that it serves"},
    {"objectives", "array", "Objectives", "目標",
     "Skills that it aims at, with the level aimed at, the one gained, and one taken back"},
    {"fte", "number", "FTE", "FTE", "FTE that the person gives to it"},
    {"in_person", "boolean", "In person", "対面", "Whether the person is present"},
    {"planned.starts", "string", "Planned from", "予定開始日", "First day planned"},
    {"planned.ends", "string", "Planned to", "予定終了日", "Last day planned"},
    {"days_proposed", "integer", "Days proposed", "希望日数", "Days proposed"},
    {"days_approved", "integer", "Days approved", "承認日数", "Days approved"},
    {"days_actual", "integer", "Days actual", "実績日数", "Days really taken"},
    {"requires", "array", "Requires", "必要な承認",
     "Approvals that it needs before it can become active"},
    {"approvals", "array", "Approvals", "承認",
     "Approvals: granted, refused, or pending where required"},
    {"pending", "array", "Pending", "未了の承認", "Approvals that it requires and that are not granted"},
    {"funding", "string", "Funding", "費用負担", "Which side pays"},
    {"costs", "array", "Costs", "費用内訳", "Who pays which part"},
    {"participants", "array", "Participants", "参加者",
     "Who takes part in a workshop, or how many of which organization"},
    {"assignment", "object", "Assignment", "派遣の詳細", "Details of an assignment to ITER"},
    {"reason", "string", "Reason", "理由", "Why it was declined or cancelled"},
    {"returned", "boolean", "Returned", "帰任", "Whether the person returned"},
    {"outcome", "string", "Outcome", "成果", "What came of it"},
    {"publications", "array", "Publications", "発表", "Publications that came of it"},
    {"granted", "array", "Granted", "付与技能", "Skills that it granted, also those reversed since"},
    {"corrected_reason", "string", "Corrected", "訂正理由", "Why a completion was corrected"},
    {"steps", "array", "History", "経過", "How its status, days and approvals changed"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    COLUMNS_FRONT,
    {"direction", "string", "Direction", "方向", "From which country to which, as JP→US"},
    {"days", "integer", "Days", "日数", "Days really taken, else approved, else proposed"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column history_columns[] = {
    {"at", "string", "When", "日時", "When it was recorded"},
    {"field", "string", "Field", "項目", "What changed"},
    {"was", "string", "Was", "変更前", "What it was"},
    {"became", "string", "Became", "変更後", "What it became"},
    {"reason", "string", "Reason", "理由", "Why"},
    {"by", "string", "By", "記録者", "Who recorded it"},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true

const struct method exchange_methods[] = {
    {.name = "exchange.create", .summary = "Propose an exchange of personnel",
     .summary_ja = "人材交流を提案する", .params = create_params, WRITES,
     .example = "{\"kind\": \"visit\", \"person\": \"P-000001\", \"home\": \"nifs\", "
                "\"host\": \"pppl\", "
                "\"starts\": \"2027-05-10\", \"ends\": \"2027-06-20\", "
                "\"title\": {\"en\": \"Stellarator optimization\", \"ja\": \"ステラレータ最適化\"}, "
                "\"committee\": \"ccfe\", \"pillars\": [\"science\", \"workforce\"], "
                "\"objectives\": [{\"skill\": \"FS-MCF-03\", \"level\": 3}], "
                "\"requires\": [\"home\", \"host\", \"visa\"]}"},
    {.name = "exchange.get", .summary = "Show an exchange with its approvals, days and history",
     .summary_ja = "人材交流を承認・日数・経過とともに表示する", .params = get_params,
     .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST, .roles = READERS,
     .example = "{\"ref\": \"EX-2026-0001\", \"lang\": \"en\"}"},
    {.name = "exchange.update", .summary = "Change an exchange; its plan only before approval",
     .summary_ja = "人材交流を変更する(計画は承認前のみ)", .params = update_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"facility\": \"nstx-u\"}"},
    {.name = "exchange.list", .summary = "List exchanges", .summary_ja = "人材交流の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = READERS,
     .example = "{\"status\": \"active\", \"home_country\": \"JP\", \"host_country\": \"US\"}"},
    {.name = "exchange.submit", .summary = "Submit a proposed exchange for review",
     .summary_ja = "提案した交流を審査に付す", .params = step_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\"}"},
    {.name = "exchange.decide",
     .summary = "Record one approval: of home, host, export control or visa",
     .summary_ja = "承認(派遣元・受入先・輸出管理・査証)を一件記録する", .params = decide_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"approval\": \"host\", \"decision\": \"granted\"}"},
    {.name = "exchange.approve",
     .summary = "Approve an exchange under review, with its days, once home and host agree",
     .summary_ja = "審査中の交流を日数とともに承認する", .params = approve_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"ref\": \"EX-2026-0001\", \"days_approved\": 30, \"reason\": \"Machine time\"}"},
    {.name = "exchange.decline", .summary = "Decline an exchange that is not approved",
     .summary_ja = "交流を不採択とする", .params = decline_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"reason\": \"The facility is in maintenance\"}"},
    {.name = "exchange.activate",
     .summary = "Begin an approved exchange, once all approvals that it requires are granted",
     .summary_ja = "承認済みの交流を開始する(必要な承認がすべて揃った場合)", .params = activate_params,
     WRITES, .example = "{\"ref\": \"EX-2026-0001\", \"started_on\": \"2027-05-10\"}"},
    {.name = "exchange.complete", .summary = "Complete an exchange and grant what was gained",
     .summary_ja = "交流を完了し、得た技能を付与する", .params = complete_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"ended_on\": \"2026-11-20\", \"days_actual\": 28, "
                "\"gains\": [{\"skill\": \"FS-MCF-03\", \"level\": 3}]}"},
    {.name = "exchange.cancel", .summary = "Cancel an exchange that has not begun",
     .summary_ja = "開始前の交流を中止する", .params = cancel_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"reason\": \"The person has changed jobs\"}"},
    {.name = "exchange.correct", .summary = "Correct a completed exchange: reverse what it granted",
     .summary_ja = "完了した交流を訂正し、付与した技能を取り消す", .params = correct_params, WRITES,
     .example = "{\"ref\": \"EX-2026-0001\", \"reason\": \"The level was recorded too high\", "
                "\"gains\": [{\"skill\": \"FS-MCF-03\", \"level\": 2}]}"},
    {.name = "exchange.history",
     .summary = "Show how an exchange's status, days and approvals changed",
     .summary_ja = "交流の状況・日数・承認の経過を表示する", .params = get_params, .shape = RESULT_LIST,
     .columns = history_columns, .cost = COST_FAST, .roles = READERS,
     .example = "{\"ref\": \"EX-2026-0001\"}"},
    {.name = NULL},
};
