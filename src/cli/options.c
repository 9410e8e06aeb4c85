#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    int argc;
    char **argv;
    int at; /* the next argument to look at */
    char *error;
};

enum option_answer option_answer_read(const char *text)
{
    static const char *const yes[] = {"yes", "y", "true", "1"};
    static const char *const no[] = {"no", "n", "false", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return OPTION_YES;
        if (strcasecmp(text, no[i]) == 0)
            return OPTION_NO;
    }
    return OPTION_UNSAID;
}

static bool is_name(const char *name, const char *argument, size_t length)
{
    if (strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char letter = argument[i] == '_' ? '-' : argument[i];
        if (letter != name[i])
            return false;
    }
    return true;
}

static const struct option_row *row_find(const struct option_row *rows, const char *argument)
{
    size_t length = strcspn(argument, "=");
    for (; rows->kind != OPTION_END; rows++) {
        if (is_name(rows->name, argument, length))
            return rows;
    }
    return NULL;
}

static void explain_unknown(const struct option_row *rows, const char *argument, char *error)
{
    int used = snprintf(error, OPTIONS_ERROR_SIZE, "there is no option %.*s; there are",
                        (int)strcspn(argument, "="), argument);
    for (; rows->kind != OPTION_END && used >= 0 && used < OPTIONS_ERROR_SIZE; rows++) {
        int added = snprintf(error + used, OPTIONS_ERROR_SIZE - (size_t)used, " %s", rows->name);
        used = added < 0 ? added : used + added;
    }
}

static bool read_count(const struct option_row *row, const char *value, char *error)
{
    char *end;
    errno = 0;
    long long count = strtoll(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0) {
        snprintf(error, OPTIONS_ERROR_SIZE, "%s takes a whole number, not '%.80s'", row->name,
                 value);
        return false;
    }
    *(int64_t *)row->into = count;
    return true;
}

/* The value behind '=', or else the next argument, which is taken only where `wants` it. */
static const char *value_of(struct reading *reading, const char *argument, bool wants)
{
    const char *equals = strchr(argument, '=');
    if (equals != NULL)
        return equals + 1;
    if (!wants || reading->at >= reading->argc)
        return NULL;
    return reading->argv[reading->at++];
}

static bool read_yes_no(struct reading *reading, const struct option_row *row, const char *argument)
{
    const char *next = reading->at < reading->argc ? reading->argv[reading->at] : "";
    bool is_next = strchr(argument, '=') == NULL && option_answer_read(next) != OPTION_UNSAID;
    const char *value = value_of(reading, argument, is_next);
    enum option_answer answer = value == NULL ? OPTION_YES : option_answer_read(value);
    if (answer == OPTION_UNSAID) {
        snprintf(reading->error, OPTIONS_ERROR_SIZE, "%s takes yes or no, not '%.80s'", row->name,
                 value);
        return false;
    }
    *(enum option_answer *)row->into = answer;
    return true;
}

static bool read_option(struct reading *reading, const struct option_row *row, const char *argument)
{
    if (row->kind == OPTION_YES_NO)
        return read_yes_no(reading, row, argument);
    const char *value = value_of(reading, argument, row->kind != OPTION_FLAG);
    if (row->kind == OPTION_FLAG && value == NULL) {
        *(bool *)row->into = true;
        return true;
    }
    if (row->kind == OPTION_FLAG || value == NULL) {
        snprintf(reading->error, OPTIONS_ERROR_SIZE, "%s takes %s value", row->name,
                 row->kind == OPTION_FLAG ? "no" : "a");
        return false;
    }
    if (row->kind == OPTION_COUNT)
        return read_count(row, value, reading->error);
    if (row->kind == OPTION_ONCE && *(const char **)row->into != NULL) {
        snprintf(reading->error, OPTIONS_ERROR_SIZE, "%s is given twice, and takes one value", row->name);
        return false;
    }
    *(const char **)row->into = value;
    return true;
}

int options_read(int argc, char **argv, const struct option_row *rows,
                 char error[OPTIONS_ERROR_SIZE])
{
    struct reading reading = {.argc = argc, .argv = argv, .at = 1, .error = error};
    int others = 0;
    bool has_ended = false;
    while (reading.at < argc) {
        char *argument = argv[reading.at++];
        if (has_ended || argument[0] != '-' || argument[1] == '\0') {
            argv[1 + others++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            has_ended = true;
            continue;
        }
        const struct option_row *row = row_find(rows, argument);
        if (row == NULL) {
            explain_unknown(rows, argument, error);
            return -1;
        }
        if (!read_option(&reading, row, argument))
            return -1;
    }
    return others;
}
