#include "outbound/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/csv_cut.h"
#include "base/merge.h"
#include "base/must.h"
#include "base/netstring.h"
#include "base/region.h"
#include "consent/number.h"
#include "intake_parts.h"
#include "smpp/text.h"

struct intake {
    struct store *store;
    struct intake_piece piece;
    struct octets text; /* of this slice, … */
    int64_t text_at;    /* … from this octet of the file on */
    bool is_last;       /* the file ends with it */
    bool is_end;        /* the piece does */
    bool is_inside;     /* the line that goes on at the offset was counted, as a bad row */
    struct campaign campaign; /* as the store has it in this slice */
    struct merge *merge;
    struct csv_cutter *cutter;
    struct columns columns;
    struct netstrings fields;
    struct intake_sum sum;
};

struct intake *intake_open(struct store *store, const struct intake_piece *piece)
{
    struct intake *intake = mem_new(sizeof *intake);
    intake->store = store;
    intake->piece = *piece;
    intake->sum.offset = piece->offset;
    intake->cutter = csv_cutter_open();
    return intake;
}

void intake_close(struct intake *intake)
{
    if (intake == NULL)
        return;
    merge_free(intake->merge);
    csv_cutter_close(intake->cutter);
    netstrings_free(&intake->fields);
    free(intake);
}

const struct intake_sum *intake_sum(const struct intake *intake)
{
    return &intake->sum;
}

static bool fault(struct intake *intake, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fault(struct intake *intake, enum verdict verdict, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(intake->sum.detail, sizeof intake->sum.detail, format, values);
    va_end(values);
    intake->sum.fault = verdict;
    return false;
}

/* ---- one row ---- */

/* What the row at hand gives: NULL octets for a field that it lacks. */
struct given {
    struct octets phone;
    struct octets values[MERGE_FIELDS_MOST];
};

static void row_bad(struct intake *intake, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void row_bad(struct intake *intake, const char *code, const char *format, ...)
{
    struct intake_sum *sum = &intake->sum;
    struct intake_problem spare, *problem = &spare;
    va_list values;
    if (sum->problem_count < INTAKE_PROBLEMS_MOST)
        problem = &sum->problems[sum->problem_count++];
    *problem = (struct intake_problem){.row = intake->campaign.rows, .code = code};
    va_start(values, format);
    vsnprintf(problem->detail, sizeof problem->detail, format, values);
    va_end(values);
    struct recipient row = {.row = intake->campaign.rows,
                            .status = RECIPIENT_BAD,
                            .fields = "",
                            .code = code,
                            .detail = problem->detail};
    store_recipient_put(intake->store, intake->campaign.serial, &row);
    intake->campaign.bad++;
    sum->bad++;
}

/* The fields of the text, in its order. False: the row is bad, and says so. */
static bool fields_write(struct intake *intake, const struct given *given)
{
    intake->fields.length = 0;
    for (size_t i = 0; i < merge_field_count(intake->merge); i++) {
        struct octets value = given->values[i];
        const char *name = merge_field(intake->merge, i);
        if (value.at == NULL) {
            row_bad(intake, "invalid_field", "%.60s: it is missing, and the text asks for it", name);
            return false;
        }
        if (!text_is_utf8(value) || (value.length > 0 && memchr(value.at, 0, value.length) != NULL)) {
            row_bad(intake, "invalid_field", "%.60s: it is not UTF-8 without NULs", name);
            return false;
        }
        netstring_put(&intake->fields, value);
    }
    netstring_end(&intake->fields);
    return true;
}

static void row_put(struct intake *intake, uint64_t number)
{
    struct campaign *campaign = &intake->campaign;
    struct recipient row = {.row = campaign->rows,
                            .number = number,
                            .status = RECIPIENT_WAITING,
                            .fields = (const char *)intake->fields.at,
                            .code = "",
                            .detail = ""};
    enum store_result found = store_recipient_has(intake->store, campaign->serial, number);
    if (found == STORE_FAILED) {
        store_abandon(intake->store); /* it may be there */
        return;
    }
    if (found == STORE_OK) {
        row.status = RECIPIENT_DOUBLE;
        row.fields = "";
        campaign->doubles++;
        intake->sum.doubles++;
    } else {
        campaign->recipients++;
        intake->sum.recipients++;
    }
    store_recipient_put(intake->store, campaign->serial, &row);
}

static void row_take(struct intake *intake, const struct given *given)
{
    uint64_t number;
    enum number_fault cause = number_read(given->phone, intake->piece.default_country, &number);
    if (cause != NUMBER_OK)
        row_bad(intake, "invalid_number", "phone: %s", number_fault_text(cause));
    else if (fields_write(intake, given))
        row_put(intake, number);
}

static bool row_begin(struct intake *intake)
{
    if (intake->campaign.rows >= (int64_t)CAMPAIGN_ROWS_MOST)
        return fault(intake, VERDICT_TOO_LARGE, "a campaign has no more than %lld rows",
                     (long long)CAMPAIGN_ROWS_MOST);
    intake->campaign.rows++;
    intake->sum.rows++;
    return true;
}

/* ---- rows that are too long ---- */

static struct octets rest_of(const struct intake *intake)
{
    size_t taken = (size_t)(intake->sum.offset - intake->text_at);
    return octets_of(intake->text.at + taken, intake->text.length - taken);
}

static bool is_line_end(const struct intake *intake, uint8_t octet)
{
    return octet == '\n' || (octet == '\r' && intake->piece.form == CAMPAIGN_CSV);
}

/* Whether the bad row of so many octets is of a line that goes on behind the text. */
static bool goes_on(const struct intake *intake, size_t length)
{
    struct octets rest = rest_of(intake);
    return length == rest.length && length > 0 && !intake->is_last && !is_line_end(intake, rest.at[length - 1]);
}

/* The next text, or the next piece, begins with it: there more of it is seen. */
static bool is_for_later(const struct intake *intake)
{
    return intake->sum.offset > intake->text_at || (intake->is_end && intake->sum.offset > intake->piece.offset);
}

/* False: the line doesn't end in this text either. */
static bool line_passed(struct intake *intake)
{
    size_t length = 0;
    struct octets rest = rest_of(intake);
    while (length < rest.length && !is_line_end(intake, rest.at[length]))
        length++;
    intake->sum.offset += (int64_t)length;
    intake->is_inside = length == rest.length;
    return !intake->is_inside;
}

/* ---- CSV ---- */

/* What the columns are called; false: answered. */
static bool columns_find(struct intake *intake)
{
    char why[COLUMNS_WHY_SIZE];
    return columns_read(&intake->columns, intake->cutter, intake->merge, why) ||
           fault(intake, VERDICT_INVALID_FIELD, "%s", why);
}

/* Of a piece that isn't the first: the header was kept. */
static bool header_known(struct intake *intake)
{
    size_t used;
    struct octets header = octets_text(intake->campaign.header);
    must(csv_cut(intake->cutter, header, true, &used) == CSV_CUT_ROW);
    return columns_find(intake);
}

/* STEP DONE: there is none yet, and the campaign stays as it was. */
static enum intake_step header_take(struct intake *intake, struct region *region)
{
    size_t used, mark = 0;
    struct octets rest = rest_of(intake);
    if (rest.length >= 2 && (rest.at[0] == 0xff || rest.at[0] == 0xfe)) {
        fault(intake, VERDICT_INVALID_FIELD, "the file is UTF-16: save it as CSV in UTF-8");
        return INTAKE_FAULT;
    }
    if (rest.length >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
        mark = 3;
    rest = octets_of(rest.at + mark, rest.length - mark);
    switch (csv_cut(intake->cutter, rest, intake->is_last, &used)) {
    case CSV_CUT_ROW:
        break;
    case CSV_CUT_BAD:
        fault(intake, VERDICT_INVALID_FIELD, "the header: %s", csv_cut_why(intake->cutter));
        return INTAKE_FAULT;
    case CSV_CUT_END:
    case CSV_CUT_MORE:
        if (!intake->is_last)
            return INTAKE_DONE;
        fault(intake, VERDICT_INVALID_FIELD, "the file is empty: it needs a header");
        return INTAKE_FAULT;
    }
    if (!columns_find(intake))
        return INTAKE_FAULT;
    intake->campaign.header = region_text(region, octets_of(rest.at, used));
    intake->campaign.form = CAMPAIGN_CSV;
    intake->sum.offset += (int64_t)(used + mark);
    return INTAKE_MORE;
}

static void csv_row_take(struct intake *intake)
{
    struct given given;
    size_t count = csv_cut_count(intake->cutter);
    const struct columns *columns = &intake->columns;
    if (count != columns->count) {
        row_bad(intake, "malformed", "it has %zu columns, the header %zu", count, columns->count);
        return;
    }
    given.phone = csv_cut_value(intake->cutter, columns->phone);
    for (size_t i = 0; i < merge_field_count(intake->merge); i++)
        given.values[i] = csv_cut_value(intake->cutter, columns->fields[i]);
    row_take(intake, &given);
}

static enum intake_step csv_take(struct intake *intake, struct region *region, size_t rows_most)
{
    if (intake->campaign.header[0] == '\0') {
        enum intake_step step = header_take(intake, region);
        if (step != INTAKE_MORE)
            return step;
    } else if (intake->columns.count == 0 && !header_known(intake)) {
        return INTAKE_FAULT;
    }
    for (size_t i = 0; i < rows_most; i++) {
        size_t used;
        enum csv_cut cut = csv_cut(intake->cutter, rest_of(intake), intake->is_last, &used);
        bool is_inside = cut == CSV_CUT_BAD && goes_on(intake, used);
        if (is_inside && is_for_later(intake))
            return INTAKE_DONE;
        if (cut == CSV_CUT_ROW || cut == CSV_CUT_BAD) {
            if (!row_begin(intake))
                return INTAKE_FAULT;
            if (cut == CSV_CUT_ROW)
                csv_row_take(intake);
            else
                row_bad(intake, "malformed", "%s", csv_cut_why(intake->cutter));
        }
        intake->sum.offset += (int64_t)used;
        intake->is_inside = is_inside;
        if (is_inside || cut == CSV_CUT_END || cut == CSV_CUT_MORE)
            return INTAKE_DONE;
    }
    return INTAKE_MORE;
}

/* ---- NDJSON ---- */

static void line_take(struct intake *intake, struct octets line)
{
    struct given given = {0};
    struct json_row *row = json_row_read(line, intake->merge, &given.phone, given.values);
    if (row == NULL)
        row_bad(intake, "malformed", "the line is no JSON object");
    else if (given.phone.at == NULL)
        row_bad(intake, "invalid_field", "phone: it is missing, or no string");
    else
        row_take(intake, &given);
    json_row_free(row);
}

static enum intake_step ndjson_take(struct intake *intake, size_t rows_most)
{
    intake->campaign.form = CAMPAIGN_NDJSON;
    for (size_t i = 0; i < rows_most;) {
        struct octets rest = rest_of(intake);
        const uint8_t *end = rest.length == 0 ? NULL : memchr(rest.at, '\n', rest.length);
        size_t length = end == NULL ? rest.length : (size_t)(end - rest.at);
        bool is_whole = end != NULL || intake->is_last || length >= CSV_ROW_LIMIT;
        if (length == 0 && end == NULL)
            return INTAKE_DONE;
        bool is_inside = end == NULL && goes_on(intake, length);
        if (!is_whole || (is_inside && is_for_later(intake)))
            return INTAKE_DONE;
        struct octets line = octets_of(rest.at, length);
        if (!line_is_blank(line)) {
            if (!row_begin(intake))
                return INTAKE_FAULT;
            if (length >= CSV_ROW_LIMIT)
                row_bad(intake, "malformed", "the line is longer than %d octets", CSV_ROW_LIMIT);
            else
                line_take(intake, line);
            i++;
        }
        intake->sum.offset += (int64_t)(length + (end == NULL ? 0 : 1));
        intake->is_inside = is_inside;
    }
    return INTAKE_MORE;
}

/* ---- the piece ---- */

static bool piece_fits(struct intake *intake)
{
    const struct campaign *campaign = &intake->campaign;
    if (campaign->state != CAMPAIGN_LOADING)
        return fault(intake, VERDICT_CAMPAIGN_STATE, "it is %s: recipients come while it is loading",
                     campaign_state_word(campaign->state));
    if (campaign->octets != intake->sum.offset)
        return fault(intake, VERDICT_OFFSET_MISMATCH, "the next piece begins at octet %lld",
                     (long long)campaign->octets);
    if (campaign->form != CAMPAIGN_FORM_NONE && campaign->form != intake->piece.form)
        return fault(intake, VERDICT_UNSUPPORTED_TYPE, "Content-Type: the campaign's file began as %s",
                     campaign->form == CAMPAIGN_CSV ? "text/csv" : "application/x-ndjson");
    return true;
}

static bool slice_begin(struct intake *intake, struct region *region)
{
    char error[MERGE_ERROR_SIZE];
    enum store_result found =
        store_campaign_get(intake->store, intake->piece.campaign, region, &intake->campaign);
    if (found != STORE_OK)
        return fault(intake, VERDICT_UNAVAILABLE, "the database can't be read now");
    if (!piece_fits(intake))
        return false;
    if (intake->merge == NULL)
        intake->merge = merge_read(intake->campaign.text, error);
    must(intake->merge != NULL); /* it was judged when the campaign was made */
    return true;
}

enum intake_step intake_slice(struct intake *intake, struct region *region, struct octets text, bool is_end,
                              size_t rows_most)
{
    intake->text = text;
    intake->text_at = intake->sum.offset;
    intake->is_end = is_end;
    intake->is_last = is_end && intake->piece.is_last;
    if (!slice_begin(intake, region))
        return INTAKE_FAULT;
    int64_t began_at = intake->sum.offset;
    enum intake_step step = INTAKE_DONE;
    if (!intake->is_inside || line_passed(intake))
        step = intake->piece.form == CAMPAIGN_CSV ? csv_take(intake, region, rows_most)
                                                  : ndjson_take(intake, rows_most);
    intake->campaign.octets = intake->sum.offset;
    if (intake->sum.offset != began_at)
        store_campaign_save(intake->store, &intake->campaign);
    return step;
}
