/* Two configs held against each other, by the table of settings. */
#include "config/config.h"
#include "config/setting.h"

#include <stdio.h>
#include <string.h>

static bool same_lists(const struct config_list *a, const struct config_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return true;
}

static bool same_value(const struct setting *setting, const void *a, const void *b)
{
    const void *left = (const char *)a + setting->offset, *right = (const char *)b + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_TEMPLATE:
    case SETTING_FREQUENCY:
    case SETTING_COUNTRY:
        return strcmp(*(char *const *)left, *(char *const *)right) == 0;
    case SETTING_DIGEST:
        return memcmp(left, right, sizeof(struct config_digest)) == 0;
    case SETTING_WHOLE:
        return *(const long *)left == *(const long *)right;
    case SETTING_DECIMAL:
        return memcmp(left, right, sizeof(double)) == 0;
    case SETTING_BOOLEAN:
        return *(const bool *)left == *(const bool *)right;
    case SETTING_DURATION:
        return *(const int64_t *)left == *(const int64_t *)right;
    case SETTING_HOURS:
        return memcmp(left, right, sizeof(struct config_hours)) == 0;
    case SETTING_CHOICE:
    case SETTING_ROLES:
        return *(const unsigned *)left == *(const unsigned *)right;
    case SETTING_ADDRESS:
        return strcmp(((const struct config_address *)left)->host,
                      ((const struct config_address *)right)->host) == 0 &&
               ((const struct config_address *)left)->port ==
                   ((const struct config_address *)right)->port;
    case SETTING_NAMES:
    case SETTING_SENDERS:
    case SETTING_COUNTRIES:
        return same_lists(left, right);
    }
    return false;
}

/* NULL: they are the same; else the setting that differs. */
static const char *first_difference(enum section_kind section, const void *a, const void *b)
{
    for (size_t i = 0; i < setting_count; i++)
        if (settings[i].section == section && !same_value(&settings[i], a, b))
            return settings[i].key;
    return NULL;
}

static bool carriers_differ(const struct config *a, const struct config *b, char *what, size_t size)
{
    for (size_t i = 0; i < a->carrier_count && i < b->carrier_count; i++) {
        const char *key = strcmp(a->carriers[i].name, b->carriers[i].name) != 0
                              ? "title"
                              : first_difference(SECTION_carrier, &a->carriers[i], &b->carriers[i]);
        if (key == NULL)
            continue;
        snprintf(what, size, "carrier %.60s: its %s", a->carriers[i].name, key);
        return true;
    }
    if (a->carrier_count != b->carrier_count)
        snprintf(what, size, "the number of carriers");
    return a->carrier_count != b->carrier_count;
}

bool config_needs_restart(const struct config *a, const struct config *b, char *what, size_t size)
{
    const char *key = NULL;
    if (strcmp(a->database, b->database) != 0)
        snprintf(what, size, "database");
    else if ((key = first_difference(SECTION_http, &a->http, &b->http)) != NULL)
        snprintf(what, size, "http: its %s", key);
    else if ((key = first_difference(SECTION_smpp, &a->smpp, &b->smpp)) != NULL)
        snprintf(what, size, "smpp: its %s", key);
    else
        return carriers_differ(a, b, what, size);
    return true;
}
