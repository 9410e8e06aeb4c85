#include "config/habit.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MOST   100
#define WAIT_MOST_MS INT64_C(86400000)
#define NAME_MOST    40

const char *habit_status_read(const char *text, uint32_t *status)
{
    if (strncmp(text, "0x", 2) != 0)
        return NULL;
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (digits < 1 || digits > 8)
        return NULL;
    *status = (uint32_t)strtoul(text, NULL, 16);
    return *status == 0 ? NULL : text + 2 + digits;
}

/* The next word, behind one blank; NULL: there is none. */
static const char *word_behind(const char *at, size_t *length)
{
    if (*at != ' ')
        return NULL;
    *length = strcspn(at + 1, " ");
    return *length == 0 ? NULL : at + 1;
}

static bool is_word(const char *at, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(at, word, length) == 0;
}

/* "5", or "once". */
static bool again_read(const char *at, size_t length, unsigned *again)
{
    size_t digits = strspn(at, "0123456789");
    *again = is_word(at, length, "once") ? 1 : digits == length && digits <= 3 ? (unsigned)strtoul(at, NULL, 10) : 0;
    return *again >= 1 && *again <= AGAIN_MOST;
}

/* "180s", "3m", "2h". */
static bool wait_read(const char *at, size_t length, int64_t *wait_ms)
{
    static const char units[] = "smh";
    static const int64_t unit_ms[] = {1000, 60000, 3600000};
    size_t digits = strspn(at, "0123456789");
    const char *unit = digits + 1 == length && digits >= 1 && digits <= 6 ? strchr(units, at[digits]) : NULL;
    if (unit == NULL)
        return false;
    *wait_ms = strtoll(at, NULL, 10) * unit_ms[unit - units];
    return *wait_ms > 0 && *wait_ms <= WAIT_MOST_MS;
}

static bool retry_rest_read(const char *at, struct habit_retry *out)
{
    size_t length = 0;
    const char *word = word_behind(at, &length);
    if (word == NULL || !again_read(word, length, &out->again))
        return false;
    at = word + length;
    if (*at == '\0')
        return true;
    word = word_behind(at, &length);
    return word != NULL && wait_read(word, length, &out->wait_ms) && word[length] == '\0';
}

bool habit_retry_read(const char *item, struct habit_retry *out)
{
    static const char *const words[] = {[HABIT_SLOW_DOWN] = "slow_down", [HABIT_REBIND] = "rebind",
                                        [HABIT_GIVE_UP] = "give_up"};
    size_t length = 0;
    *out = (struct habit_retry){.action = HABIT_RETRY};
    const char *rest = habit_status_read(item, &out->status);
    const char *word = rest == NULL ? NULL : word_behind(rest, &length);
    if (word == NULL)
        return false;
    if (is_word(word, length, "retry"))
        return retry_rest_read(word + length, out);
    for (out->action = HABIT_SLOW_DOWN; out->action <= HABIT_GIVE_UP; out->action++)
        if (is_word(word, length, words[out->action]))
            return word[length] == '\0';
    return false;
}

bool habit_retry_find(const struct config_list *list, uint32_t status, struct habit_retry *out)
{
    for (size_t i = 0; i < list->count; i++)
        if (habit_retry_read(list->at[i], out) && out->status == status)
            return true;
    return false;
}

const char *habit_kind_read(const char *item)
{
    static const char *const kinds[] = {"10dlc", "toll_free", "short_code", "alphanumeric"};
    size_t length = strcspn(item, " ");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (item[length] == ' ' && is_word(item, length, kinds[i]))
            return item + length + 1;
    return NULL;
}

bool habit_kind_find(const struct config_list *list, const char *kind, unsigned *number)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *rest = habit_kind_read(list->at[i]);
        if (rest == NULL || !is_word(list->at[i], (size_t)(rest - 1 - list->at[i]), kind))
            continue;
        *number = (unsigned)strtoul(rest, NULL, 10);
        return true;
    }
    return false;
}

const char *habit_name_read(const char *item, uint32_t *status)
{
    const char *rest = habit_status_read(item, status);
    size_t length = rest == NULL || *rest != ' ' ? 0 : strlen(rest + 1);
    return length >= 1 && length <= NAME_MOST && rest[1] != ' ' ? rest + 1 : NULL;
}

const char *habit_name_find(const struct config_list *list, uint32_t status)
{
    uint32_t of = 0;
    for (size_t i = 0; i < list->count; i++) {
        const char *name = habit_name_read(list->at[i], &of);
        if (name != NULL && of == status)
            return name;
    }
    return NULL;
}
