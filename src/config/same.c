/* Two configs held against each other, by the table of settings. */
#include "config/config.h"
#include "config/setting.h"

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

static bool same_tiers(const struct config_tiers *a, const struct config_tiers *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i].carrier, b->at[i].carrier) != 0 || a->at[i].tier != b->at[i].tier ||
            memcmp(&a->at[i].weight, &b->at[i].weight, sizeof a->at[i].weight) != 0)
            return false;
    return true;
}

static bool same_value(const struct setting *setting, const void *a, const void *b)
{
    const void *left = (const char *)a + setting->offset,
               *right = (const char *)b + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_TEMPLATE:
    case SETTING_FREQUENCY:
    case SETTING_STATUS:
    case SETTING_ORIGIN:
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
    case SETTING_STATUSES:
    case SETTING_PREFIXES:
    case SETTING_ORIGINS:
    case SETTING_RETRIES:
    case SETTING_LABELS:
    case SETTING_KINDS:
    case SETTING_TLVS:
    case SETTING_TLV_VALUES:
        return same_lists(left, right);
    case SETTING_TIERS:
        return same_tiers(left, right);
    }
    return false;
}

static bool same_key(enum section_kind section, const char *key, const void *a, const void *b)
{
    return same_value(setting_find(section, key), a, b);
}

const char *config_needs_restart(const struct config *a, const struct config *b)
{
    if (!same_key(SECTION_top, "database", a, b))
        return "database";
    if (!same_key(SECTION_http, "listen", &a->http, &b->http))
        return "http: listen";
    if (!same_key(SECTION_smpp, "listen", &a->smpp, &b->smpp))
        return "smpp: listen";
    if (!same_key(SECTION_ledger, "signing_key", &a->ledger, &b->ledger))
        return "ledger: signing_key";
    return NULL;
}

/* What a living bind can follow, or needs only when it is made. */
static bool is_followed(const char *key)
{
    static const char *const keys[] = {
        "profile", "binds", "window", "throughput", "enquire_link", "response_timeout",
        "country", "opt_out_statuses", "opt_out_errors", "message_id", "throttle_pause",
        "retry", "statuses", "source_ton", "source_npi", "dest_ton", "dest_npi", "plus",
        "validity", "validity_limit", "registered_delivery", "service_type",
        "priority_flag", "throttle", "later_status", "receipt_deadline",
        "receipt_by_text", "receipt_text_first", "parts_wait", "tlvs", "data_coding_0", "long_messages"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

bool config_carrier_binds_alike(const struct config_carrier *a, const struct config_carrier *b)
{
    for (size_t i = 0; i < setting_count; i++)
        if (settings[i].section == SECTION_carrier && !is_followed(settings[i].key) &&
            !same_value(&settings[i], a, b))
            return false;
    return true;
}
