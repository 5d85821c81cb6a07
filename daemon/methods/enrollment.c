/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define STATUSES "applied|waiting|admitted|attending|completed|withdrawn|failed"
#define READERS (ROLE_MEMBER | ROLE_COORDINATOR | ROLE_SECRETARIAT | ROLE_ADMIN | ROLE_AUDITOR)

static const struct param create_params[] = {
    {.name = "session", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The session applied for"},
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED | PARAM_PERSONAL,
     .help = "Who applies"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as EN-000042, if absent"},
    {.name = "applied_on", .type = PARAM_DATE, .help = "Day of the application; today if absent"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param admit_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    {.name = "or_wait", .type = PARAM_BOOLEAN,
     .help = "Where the session is full, take the next place on its waiting list; who waits is "
             "admitted in that order as seats come free. Refused if absent"},
    {.name = "prerequisites_waived", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Why the person is admitted without the skills that the program requires"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param step_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    {.name = "attendance", .type = PARAM_NUMBER, .flags = PARAM_CLEARABLE, .min = 0, .max = 1,
     .help = "Part attended, 0 to 1"},
    {.name = "result", .type = PARAM_TEXT, .flags = PARAM_PERSONAL | PARAM_CLEARABLE, .max = 300,
     .help = "Result, in the provider's words"},
    {.name = "certificate_number", .type = PARAM_TEXT, .flags = PARAM_PERSONAL | PARAM_CLEARABLE,
     .max = 100, .help = "Number of the certificate"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param complete_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    {.name = "completed_on", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "Day of completion; what was taught is held from it on"},
    {.name = "result", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 300,
     .help = "Result, in the provider's words"},
    {.name = "certificate_number", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 100,
     .help = "Number of the certificate"},
    {.name = "attendance", .type = PARAM_NUMBER, .min = 0, .max = 1,
     .help = "Part attended, 0 to 1"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param fail_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    {.name = "result", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 300,
     .help = "Result, in the provider's words"},
    {.name = "attendance", .type = PARAM_NUMBER, .min = 0, .max = 1,
     .help = "Part attended, 0 to 1"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param correct_params[] = {
    PARAM_ROW_REF("enrollment"),
    PARAM_ROW_IF_VERSION,
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 1000,
     .help = "Why the completion is reversed"},
    {.name = "status", .type = PARAM_CHOICE, .choices = "failed|withdrawn",
     .help = "What it is instead; failed if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "session", .type = PARAM_REFERENCE, .help = "Only those in this session"},
    {.name = "program", .type = PARAM_REFERENCE, .help = "Only those in sessions of this program"},
    {.name = "provider", .type = PARAM_REFERENCE,
     .help = "Only those in programs that this organization gives"},
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "Only those of this person"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only this status"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"person.code", "string", "Person", "人", "Pseudonym of who is enrolled"},
    {"program.name", "string", "Program", "プログラム", "The program"},
    {"session.code", "string", "Session", "開催", "The session"},
    {"session.starts", "string", "Starts", "開始日", "First day of the session"},
    {"session.ends", "string", "Ends", "終了日", "Last day of the session"},
    {"status", "string", "Status", "状況", "How far it is"},
    {"actions", "array", "Possible", "可能な操作", "What can be done with it next"},
    {"waiting_place", "integer", "Place", "待機順位",
     "Place on the session's waiting list; shown to its provider, the secretariat and auditors"},
    {"applied_on", "string", "Applied", "申込日", "Day of the application"},
    {"admitted_at", "string", "Admitted", "参加決定日時", "When a seat was given"},
    {"missing", "array", "Missing", "不足技能",
     "Before admission: what the program requires and the person does not hold"},
    {"completed_on", "string", "Completed", "修了日",
     "Day of completion, also of one that was reversed"},
    {"attendance", "number", "Attendance", "出席率", "Part attended, 0 to 1"},
    {"result", "string", "Result", "結果", "Result, in the provider's words"},
    {"certificate_number", "string", "Certificate", "修了証番号", "Number of the certificate"},
    COLUMN_PSEUDONYMOUS,
    {"prerequisites_waived", "string", "Waived", "前提免除", "Why missing prerequisites were waived"},
    {"waived_by.name", "string", "Waived by", "免除者", "Who waived them"},
    {"waived_at", "string", "Waived at", "免除日時", "When they were waived"},
    {"corrected_reason", "string", "Corrected", "訂正理由", "Why a completion was reversed"},
    {"granted", "array", "Granted", "付与技能", "Skills that it granted, also those reversed since"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"person.code", "string", "Person", "人", "Pseudonym of who is enrolled"},
    {"program.name", "string", "Program", "プログラム", "The program"},
    {"session.code", "string", "Session", "開催", "The session"},
    {"status", "string", "Status", "状況", "How far it is"},
    {"waiting_place", "integer", "Place", "待機順位",
     "Place on the session's waiting list; shown to its provider, the secretariat and auditors"},
    {"applied_on", "string", "Applied", "申込日", "Day of the application"},
    {"completed_on", "string", "Completed", "修了日", "Day of completion"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method enrollment_methods[] = {
    {.name = "enrollment.create", .summary = "Apply for a session", .summary_ja = "受講を申し込む",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true, .example = "{\"session\": \"SE-00001\", \"person\": \"P-000001\"}"},
    {.name = "enrollment.get", .summary = "Show an enrollment", .summary_ja = "受講を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST, .logs_reads = true,
     .roles = READERS, .example = "{\"ref\": \"ES-00001\"}"},
    {.name = "enrollment.update", .summary = "Change attendance, result or certificate",
     .summary_ja = "出席率・結果・修了証番号を変更する", .params = update_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\", \"attendance\": 0.8}"},
    {.name = "enrollment.list", .summary = "List enrollments", .summary_ja = "受講の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = READERS, .example = "{\"session\": \"SE-00001\", \"status\": \"applied\"}"},
    {.name = "enrollment.admit",
     .summary = "Give an applicant a seat, or a place on the waiting list of a full session",
     .summary_ja = "申込者の参加を認める(満席のときは待機者に加える)", .params = admit_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\"}"},
    {.name = "enrollment.start", .summary = "Note that an admitted person attends",
     .summary_ja = "受講の開始を記録する", .params = step_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\"}"},
    {.name = "enrollment.complete",
     .summary = "Complete an enrollment and grant what the program teaches",
     .summary_ja = "修了を記録し、プログラムの技能を付与する", .params = complete_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\", \"completed_on\": \"2026-09-10\", \"attendance\": 0.95}"},
    {.name = "enrollment.withdraw",
     .summary = "Withdraw an enrollment that is not completed; its seat goes to the next who waits",
     .summary_ja = "受講を取り下げる(空いた席は次の待機者に渡る)", .params = step_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\"}"},
    {.name = "enrollment.fail", .summary = "Note that a person who attended did not pass",
     .summary_ja = "不合格を記録する", .params = fail_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\", \"result\": \"Examination not passed\"}"},
    {.name = "enrollment.correct", .summary = "Reverse a completion and what it granted",
     .summary_ja = "修了と付与した技能を取り消す", .params = correct_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"ES-00001\", \"reason\": \"Recorded for the wrong person\"}"},
    {.name = NULL},
};
