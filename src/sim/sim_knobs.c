#include "src/sim/sim_knobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define WAIT_MOST_MS 86400000 /* a day */
#define WORD_SIZE    300

/* ---- dice: splitmix64, which is good enough for any seed ---- */

void sim_dice_seed(struct sim_dice *dice, uint64_t seed)
{
    dice->state = seed;
}

static uint64_t roll(struct sim_dice *dice)
{
    uint64_t mixed = dice->state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return mixed ^ mixed >> 31;
}

bool sim_dice_hit(struct sim_dice *dice, unsigned percent)
{
    return percent >= 100 || (percent > 0 && roll(dice) % 100 < percent);
}

int64_t sim_dice_between(struct sim_dice *dice, struct sim_range range)
{
    if (range.most <= range.least)
        return range.least;
    return range.least + (int64_t)(roll(dice) % (uint64_t)(range.most - range.least + 1));
}

/* ---- reading ---- */

/* Decimal, or hexadecimal with 0x; all of the word. */
static bool read_number(const char *word, uint64_t most, uint64_t *number)
{
    char *end;
    if (*word < '0' || *word > '9')
        return false;
    errno = 0;
    bool is_hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    *number = strtoull(word, &end, is_hex ? 16 : 10);
    return errno == 0 && *end == '\0' && *number <= most;
}

static bool read_wait(const char *word, int64_t *wait_ms)
{
    uint64_t number;
    if (!read_number(word, WAIT_MOST_MS, &number))
        return false;
    *wait_ms = (int64_t)number;
    return true;
}

static bool read_percent(const char *word, unsigned *percent)
{
    uint64_t number;
    if (!read_number(word, 100, &number))
        return false;
    *percent = (unsigned)number;
    return true;
}

/* Cuts the word at the mark and gives what is behind it; NULL: the mark isn't there. */
static char *cut_at(char *word, const char *mark)
{
    char *at = strstr(word, mark);
    if (at == NULL)
        return NULL;
    *at = '\0';
    return at + strlen(mark);
}

static bool set_latency(struct sim_knobs *knobs, char *value)
{
    struct sim_range range;
    const char *most = cut_at(value, "..");
    if (!read_wait(value, &range.least) || !read_wait(most == NULL ? value : most, &range.most) ||
        range.most < range.least)
        return false;
    knobs->latency_ms = range;
    return true;
}

static bool set_rate(struct sim_knobs *knobs, char *value)
{
    return read_number(value, 1000000, &knobs->rate);
}

static bool set_errors(struct sim_knobs *knobs, char *value)
{
    struct sim_error errors[SIM_ERRORS_MOST];
    size_t count = 0;
    unsigned sum = 0;
    char *rest = strcmp(value, "none") == 0 ? NULL : value;
    while (rest != NULL) {
        char *item = rest;
        rest = cut_at(item, ",");
        const char *percent = cut_at(item, ":");
        uint64_t status;
        if (count == SIM_ERRORS_MOST || percent == NULL ||
            !read_number(item, UINT32_MAX, &status) || status == 0 ||
            !read_percent(percent, &errors[count].percent))
            return false;
        sum += errors[count].percent;
        errors[count++].status = (uint32_t)status;
    }
    if (sum > 100)
        return false;
    if (count > 0)
        memcpy(knobs->errors, errors, count * sizeof errors[0]);
    knobs->error_count = count;
    return true;
}

static bool set_drop_every(struct sim_knobs *knobs, char *value)
{
    return read_number(value, UINT32_MAX, &knobs->drop_every);
}

static bool set_drop_after(struct sim_knobs *knobs, char *value)
{
    return read_wait(value, &knobs->drop_after_ms);
}

static const char *const forms[] = {
    [SIM_FORM_PLAIN] = "plain",           [SIM_FORM_ID_DEC] = "id-dec",
    [SIM_FORM_ID_UPPER] = "id-upper",     [SIM_FORM_ID_ZEROS] = "id-zeros",
    [SIM_FORM_NO_TEXT] = "no-text",       [SIM_FORM_NO_TLV] = "no-tlv",
    [SIM_FORM_TLV_ONLY] = "tlv-only",     [SIM_FORM_AS_MO] = "as-mo",
    [SIM_FORM_AS_DATA_SM] = "as-data_sm",
};

static bool read_form(const char *word, enum sim_form *form)
{
    for (size_t i = SIM_FORM_PLAIN + 1; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i], word) != 0)
            continue;
        *form = (enum sim_form)i;
        return true;
    }
    return false;
}

/* "late:3000@20": what, of what kind, in how many of a hundred. */
static bool set_receipt(struct sim_receipt_knob *knob, char *item)
{
    unsigned percent = 100;
    const char *percent_word = cut_at(item, "@"), *kind = cut_at(item, ":");
    if (percent_word != NULL && !read_percent(percent_word, &percent))
        return false;
    if (strcmp(item, "late") == 0 && kind != NULL) {
        knob->late = percent;
        return read_wait(kind, &knob->late_ms);
    }
    if (strcmp(item, "mangle") == 0 && kind != NULL) {
        knob->mangled = percent;
        return read_form(kind, &knob->form);
    }
    if (strcmp(item, "double") == 0)
        knob->doubled = percent;
    else if (strcmp(item, "none") == 0)
        knob->missing = percent;
    else
        return false;
    return kind == NULL;
}

static bool set_receipts(struct sim_knobs *knobs, char *value)
{
    struct sim_receipt_knob knob = {0};
    char *rest = strcmp(value, "plain") == 0 ? NULL : value;
    while (rest != NULL) {
        char *item = rest;
        rest = cut_at(item, ",");
        if (!set_receipt(&knob, item))
            return false;
    }
    knobs->receipts = knob;
    return true;
}

static bool set_digits(struct sim_knobs *knobs, char *value)
{
    bool is_on = strcmp(value, "on") == 0;
    if (!is_on && strcmp(value, "off") != 0)
        return false;
    knobs->minds_digits = is_on;
    return true;
}

static bool set_seed(struct sim_knobs *knobs, char *value)
{
    return read_number(value, UINT64_MAX, &knobs->seed);
}

static const struct {
    const char *name;
    bool (*set)(struct sim_knobs *knobs, char *value); /* may cut the value up */
    const char *form;
} rows[] = {
    {"latency", set_latency, "MS or MS..MS, a day at most"},
    {"rate", set_rate, "parts a second; 0: no limit"},
    {"errors", set_errors, "STATUS:PERCENT,... of together 100 at most, or none"},
    {"drop-every", set_drop_every, "a number of submits; 0: never"},
    {"drop-after", set_drop_after, "milliseconds, a day at most; 0: never"},
    {"receipts", set_receipts,
     "late:MS, double, mangle:FORM, none, each with @PERCENT or without; or plain"},
    {"digits", set_digits, "on or off"},
    {"seed", set_seed, "a number"},
};

static void complain(char why[SIM_KNOBS_WHY_SIZE], const char *name, const char *form)
{
    snprintf(why, SIM_KNOBS_WHY_SIZE, "%.20s: %s", name, form);
}

bool sim_knobs_set(struct sim_knobs *knobs, const char *name, const char *value,
                   char why[SIM_KNOBS_WHY_SIZE])
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        char word[WORD_SIZE];
        struct sim_knobs turned = *knobs;
        bool is_read = strlen(value) < sizeof word;
        snprintf(word, sizeof word, "%s", value);
        is_read = is_read && rows[i].set(&turned, word);
        if (is_read)
            *knobs = turned;
        else
            complain(why, name, rows[i].form);
        return is_read;
    }
    complain(why, name, "there is no such knob");
    return false;
}

/* ---- showing ---- */

struct line {
    char *at;
    size_t length;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int length =
        vsnprintf(line->at + line->length, SIM_KNOBS_TEXT_SIZE - line->length, format, values);
    va_end(values);
    must(length >= 0 && (size_t)length < SIM_KNOBS_TEXT_SIZE - line->length);
    line->length += (size_t)length;
}

static void add_errors(struct line *line, const struct sim_knobs *knobs)
{
    add(line, " errors=%s", knobs->error_count == 0 ? "none" : "");
    for (size_t i = 0; i < knobs->error_count; i++)
        add(line, "%s0x%" PRIX32 ":%u", i == 0 ? "" : ",", knobs->errors[i].status,
            knobs->errors[i].percent);
}

static void add_receipts(struct line *line, const struct sim_receipt_knob *knob)
{
    size_t before = line->length;
    if (knob->late > 0)
        add(line, ",late:%" PRId64 "@%u", knob->late_ms, knob->late);
    if (knob->doubled > 0)
        add(line, ",double@%u", knob->doubled);
    if (knob->mangled > 0)
        add(line, ",mangle:%s@%u", forms[knob->form], knob->mangled);
    if (knob->missing > 0)
        add(line, ",none@%u", knob->missing);
    if (line->length == before)
        add(line, ",plain");
    memmove(line->at + before, line->at + before + 1, line->length - before); /* the first comma */
    line->length--;
}

void sim_knobs_write(const struct sim_knobs *knobs, char out[SIM_KNOBS_TEXT_SIZE])
{
    struct line line = {.at = out};
    add(&line, "latency=%" PRId64, knobs->latency_ms.least);
    if (knobs->latency_ms.most != knobs->latency_ms.least)
        add(&line, "..%" PRId64, knobs->latency_ms.most);
    add(&line, " rate=%" PRIu64, knobs->rate);
    add_errors(&line, knobs);
    add(&line, " drop-every=%" PRIu64 " drop-after=%" PRId64 " receipts=", knobs->drop_every,
        knobs->drop_after_ms);
    add_receipts(&line, &knobs->receipts);
    add(&line, " digits=%s seed=%" PRIu64, knobs->minds_digits ? "on" : "off", knobs->seed);
}

/* ---- what they decide ---- */

uint32_t sim_knobs_error(const struct sim_knobs *knobs, struct sim_dice *dice)
{
    if (knobs->error_count == 0)
        return 0;
    int64_t rolled = sim_dice_between(dice, (struct sim_range){0, 99});
    for (size_t i = 0; i < knobs->error_count; i++) {
        rolled -= knobs->errors[i].percent;
        if (rolled < 0)
            return knobs->errors[i].status;
    }
    return 0;
}

bool sim_bucket_takes(struct sim_bucket *bucket, uint64_t rate, int64_t now_ms)
{
    if (rate == 0)
        return true;
    uint64_t passed_ms = now_ms > bucket->at_ms ? (uint64_t)(now_ms - bucket->at_ms) : 0;
    uint64_t leaked = passed_ms > 1000 ? UINT64_MAX : passed_ms * rate;
    bucket->used = leaked > bucket->used ? 0 : bucket->used - leaked;
    bucket->at_ms = now_ms;
    if (bucket->used + 1000 > rate * 1000)
        return false;
    bucket->used += 1000;
    return true;
}

static const struct sim_outcome outcomes[] = {
    {.digits = "0001", .stat = "UNDELIV"},
    {.digits = "0002", .stat = "EXPIRED"},
    {.digits = "0003", .stat = "REJECTD"},
    {.digits = "0004", .stat = "DELETED"},
    {.digits = "0005", .stat = "ACCEPTD"},
    {.digits = "0006", .stat = "UNKNOWN"},
    {.digits = "0010", .status = 0x58, .is_once = true},
    {.digits = "0011", .status = 0x0B},
    {.digits = "0012", .manner = SIM_MANNER_NEVER},
    {.digits = "0013", .manner = SIM_MANNER_TWICE},
    {.digits = "0014", .manner = SIM_MANNER_OVERTAKEN},
    {.digits = "0015", .manner = SIM_MANNER_WRONG_SEQUENCE},
};

const struct sim_outcome *sim_outcome_of(const char *number)
{
    size_t length = strlen(number);
    for (size_t i = 0; length >= 4 && i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strcmp(number + length - 4, outcomes[i].digits) == 0)
            return &outcomes[i];
    return NULL;
}

bool sim_once_is_new(struct sim_once *once, const char *number)
{
    size_t size = sizeof once->numbers[0];
    for (size_t i = 0; i < SIM_ONCE_MOST; i++)
        if (strncmp(once->numbers[i], number, size - 1) == 0)
            return false;
    snprintf(once->numbers[once->next], size, "%s", number);
    once->next = (once->next + 1) % SIM_ONCE_MOST;
    return true;
}
