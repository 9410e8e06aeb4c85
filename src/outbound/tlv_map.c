#include "outbound/tlv_map.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/must.h"
#include "base/region.h"
#include "config/tlv.h"
#include "consent/program.h"
#include "outbound/dispatch.h"

struct gathering {
    const struct tlv_place *place;
    struct carriers *carriers;
    struct cargo_tlv *at;
    size_t count;
    char *why;
};

/* The lines of that carrier. NULL: it has none, or the program doesn't use it. */
static const struct config_list *lines_of(const struct gathering *g, size_t i)
{
    const struct carrier *carrier = carriers_at(g->carriers, i);
    bool is_used = carrier_tlvs(carrier)->count > 0 &&
                   programs_use_carrier(g->place->programs, g->place->program, carrier_name(carrier));
    return is_used ? carrier_tlvs(carrier) : NULL;
}

static size_t carriers_of(const struct gathering *g)
{
    return carriers_count(g->carriers);
}

/* In the place of an earlier value of that name. */
static bool put(struct gathering *g, const char *name, const char *value)
{
    size_t i = 0;
    while (i < g->count && strcmp(g->at[i].name, name) != 0)
        i++;
    if (i == CARGO_TLVS_MOST)
        return false;
    g->at[i] = (struct cargo_tlv){region_text(g->place->region, octets_text(name)),
                                  region_text(g->place->region, octets_text(value))};
    g->count = i == g->count ? i + 1 : g->count;
    return true;
}

static enum verdict fault(struct gathering *g, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is written may hold the words that stand there already. */
static enum verdict fault(struct gathering *g, enum verdict verdict, const char *format, ...)
{
    char why[TLV_WHY_SIZE];
    va_list values;
    va_start(values, format);
    vsnprintf(why, sizeof why, format, values);
    va_end(values);
    memcpy(g->why, why, sizeof why);
    return verdict;
}

static enum verdict put_or_fault(struct gathering *g, const char *name, const char *value)
{
    return put(g, name, value)
               ? VERDICT_ALLOWED
               : fault(g, VERDICT_INVALID_TLV, "tlvs: %.60s is one too many", name);
}

/* ---- what the program gives: the load has judged it ---- */

static void put_program(struct gathering *g, const char *purpose, bool is_particular)
{
    const struct config_list *lines = &g->place->program->config->tlvs;
    for (size_t i = 0; i < lines->count; i++) {
        struct tlv_setting setting;
        must(tlv_setting_read(lines->at[i], &setting));
        if (tlv_setting_is_for(&setting, purpose) && (setting.purpose[0] != '\0') == is_particular)
            must(put(g, setting.name, setting.value));
    }
}

/* ---- what the message says ---- */

static enum verdict put_named(struct gathering *g, const struct cargo_tlv *tlv)
{
    bool is_known = false;
    for (size_t i = 0; i < carriers_of(g); i++) {
        struct tlv_rule rule;
        uint8_t octets[TLV_VALUE_MOST + 1];
        size_t length;
        const struct config_list *lines = lines_of(g, i);
        if (lines == NULL || !tlv_rule_find(lines, tlv->name, &rule))
            continue;
        is_known = true;
        if (!tlv_value_write(&rule, tlv->value, octets, &length, g->why))
            return fault(g, VERDICT_INVALID_TLV, "tlvs: %.200s", g->why);
    }
    return is_known ? put_or_fault(g, tlv->name, tlv->value)
                    : fault(g, VERDICT_INVALID_TLV, "tlvs: no carrier of the program has one named %.60s",
                            tlv->name);
}

/* Of a tag that comes twice the first counts (F388). NULL: it doesn't come. */
static const struct tlv *tag_find(const struct tlv_offer *offer, uint16_t tag)
{
    for (size_t i = 0; i < offer->tag_count; i++)
        if (offer->tags[i].tag == tag)
            return &offer->tags[i];
    return NULL;
}

/* One tag may have another name at each carrier, and is meant for all of them. */
static enum verdict put_tag(struct gathering *g, const char *line, const struct tlv_offer *offer)
{
    struct tlv_rule rule;
    char text[TLV_TEXT_SIZE], why[TLV_WHY_SIZE];
    must(tlv_rule_read(line, &rule, why));
    const struct tlv *tlv = tag_find(offer, rule.tag);
    if (tlv == NULL)
        return VERDICT_ALLOWED;
    if (!tlv_value_read(&rule, tlv->value, text))
        return fault(g, VERDICT_INVALID_TLV, "tlvs: %s has a length or octets that it can't have",
                     rule.name);
    return put_or_fault(g, rule.name, text);
}

static enum verdict put_tags(struct gathering *g, const struct tlv_offer *offer)
{
    enum verdict verdict = VERDICT_ALLOWED;
    for (size_t i = 0; offer->tag_count > 0 && i < carriers_of(g); i++) {
        const struct config_list *lines = lines_of(g, i);
        for (size_t k = 0; verdict == VERDICT_ALLOWED && lines != NULL && k < lines->count; k++)
            verdict = put_tag(g, lines->at[k], offer);
    }
    return verdict;
}

static enum verdict put_offer(struct gathering *g, const struct tlv_offer *offer)
{
    enum verdict verdict = VERDICT_ALLOWED;
    for (size_t i = 0; verdict == VERDICT_ALLOWED && i < offer->named_count; i++)
        verdict = put_named(g, &offer->named[i]);
    return verdict == VERDICT_ALLOWED ? put_tags(g, offer) : verdict;
}

/* The name that a carrier requires and the cargo lacks, into `rule`. False: it lacks none. */
static bool find_missing(const struct config_list *lines, const struct cargo *cargo,
                         struct tlv_rule *rule)
{
    char why[TLV_WHY_SIZE];
    for (size_t i = 0; i < lines->count; i++) {
        must(tlv_rule_read(lines->at[i], rule, why));
        if (rule->is_required && cargo_tlv_find(cargo, rule->name) == NULL)
            return true;
    }
    return false;
}

static enum verdict check_required(struct gathering *g, const struct cargo *cargo)
{
    const struct tlv_place *place = g->place;
    for (size_t i = 0; i < carriers_of(g); i++) {
        struct tlv_rule rule;
        const char *name = carrier_name(carriers_at(g->carriers, i));
        const struct config_list *lines = lines_of(g, i);
        if (lines != NULL && find_missing(lines, cargo, &rule) &&
            dispatch_may_take(place->dispatch, place->program, place->message, name))
            return fault(g, VERDICT_MISSING_TLV, "tlvs: %s is missing, and carrier %.60s requires it",
                         rule.name, name);
    }
    return VERDICT_ALLOWED;
}

enum verdict tlv_map_gather(const struct tlv_place *place, const struct tlv_offer *offer,
                            struct cargo *cargo, char why[TLV_WHY_SIZE])
{
    struct cargo_tlv *values = region_get(place->region, CARGO_TLVS_MOST * sizeof *values);
    struct gathering g = {place, dispatch_carriers(place->dispatch), values, 0, why};
    put_program(&g, message_purpose_word(place->message->purpose), false);
    put_program(&g, message_purpose_word(place->message->purpose), true);
    enum verdict verdict = offer == NULL ? VERDICT_ALLOWED : put_offer(&g, offer);
    cargo->tlvs = values;
    cargo->tlv_count = g.count;
    if (verdict == VERDICT_ALLOWED && offer != NULL)
        verdict = check_required(&g, cargo);
    return verdict;
}

/* ---- what a carrier gets ---- */

/* False: there is nothing to send for this line. */
static bool fill_one(const char *line, const struct cargo *cargo, struct region *region,
                     struct tlv *out)
{
    struct tlv_rule rule;
    char why[TLV_WHY_SIZE];
    uint8_t octets[TLV_VALUE_MOST + 1];
    size_t length;
    must(tlv_rule_read(line, &rule, why));
    const char *value = cargo_tlv_find(cargo, rule.name);
    if (value == NULL)
        value = rule.fallback;
    if (value == NULL || !tlv_value_write(&rule, value, octets, &length, why))
        return false;
    *out = (struct tlv){rule.tag, region_copy(region, octets_of(octets, length))};
    return true;
}

size_t tlv_map_fill(const struct config_list *lines, const struct cargo *cargo,
                    struct region *region, const struct tlv **out)
{
    size_t count = 0;
    struct tlv *tlvs = region_get(region, (lines->count + 1) * sizeof *tlvs);
    for (size_t i = 0; i < lines->count; i++)
        count += fill_one(lines->at[i], cargo, region, &tlvs[count]) ? 1 : 0;
    *out = tlvs;
    return count;
}
