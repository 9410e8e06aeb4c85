/* Leaving and coming back: STOP, START, and revocations that came another way. */
#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/effect.h"
#include "consent/keyword.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent_parts.h"

static void set_text(json_t *object, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_object_set_new(object, name, json_string(value));
}

/* Which rule of which lists took the person's words for this: they change over the years. */
static void set_rule(json_t *payload, const char *rule)
{
    set_text(payload, "rule", rule);
    if (rule != NULL && rule[0] != '\0')
        set_text(payload, "lists", KEYWORD_LISTS_VERSION);
}

static void bar_set(struct consents *consents, uint64_t number, enum optout_scope scope,
                    const char *name, int64_t seq)
{
    struct bar *bar = consents->bars;
    while (bar != NULL &&
           (bar->number != number || bar->scope != scope || strcmp(bar->name, name) != 0))
        bar = bar->next;
    if (bar == NULL) {
        bar = mem_new(sizeof *bar);
        bar->number = number;
        bar->scope = scope;
        bar->name = mem_text(name);
        bar->next = consents->bars;
        consents->bars = bar;
    }
    bar->seq = seq;
    bar->turn = loop_turn(consents->loop);
}

/* Is the number out of every program in that scope, by what is on record? A bar alone doesn't count: its text
 * is still to be recorded and answered. Unreadable: no, so the answer is given. */
static bool is_wholly_out(struct consents *consents, uint64_t number, enum optout_scope scope,
                          const char *name)
{
    struct consent row;
    struct optout optout, suppression;
    for (size_t i = 0; i < programs_count(consents->programs); i++) {
        const struct program *program = programs_at(consents->programs, i);
        if (!program_is_in_scope(program, scope, name))
            continue;
        if (!consent_read(consents, program, number, &row, &optout, &suppression) ||
            optout.seq <= row.lifted_seq)
            return false;
    }
    return true;
}

static size_t ended_put(struct ended *list, size_t count, struct ended one)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].scope == one.scope && strcmp(list[i].name, one.name) == 0)
            return count;
    list[count] = one;
    return count + 1;
}

/* The scopes that the revocation ends, each once. */
static size_t ended_list(const struct revocation *it, struct ended *out)
{
    size_t count = 0;
    for (size_t i = 0; i < it->program_count; i++) {
        struct ended one = {.scope = OPTOUT_OWNER, .name = it->programs[i]->config->owner};
        if (!it->is_all)
            one.scope = program_scope(it->programs[i], &one.name);
        count = ended_put(out, count, one);
    }
    return count;
}

bool ended_covers(const struct program *program, const struct ended *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (program_is_in_scope(program, list[i].scope, list[i].name))
            return true;
    return false;
}

/* And each program that they cover today, by its own name and by its senders: so that nobody comes back in because
 * an owner, a brand or a program is called differently in tomorrow's config, and no number that the person wrote
 * STOP to writes to them in somebody else's name. */
static size_t ended_widen(const struct consents *consents, struct ended *list, size_t count)
{
    size_t scopes = count;
    for (size_t i = 0; i < programs_count(consents->programs); i++) {
        const struct program *program = programs_at(consents->programs, i);
        if (!ended_covers(program, list, scopes))
            continue;
        const struct config_list *senders = &program->config->senders;
        count = ended_put(list, count,
                          (struct ended){.scope = OPTOUT_PROGRAM, .name = program->config->name});
        for (size_t k = 0; k < senders->count; k++)
            count = ended_put(list, count,
                              (struct ended){.scope = OPTOUT_SENDER, .name = senders->at[k]});
    }
    return count;
}

/* How many entries the list may come to. */
static size_t ended_most(const struct consents *consents, const struct revocation *it)
{
    size_t most = it->program_count + 1;
    for (size_t i = 0; i < programs_count(consents->programs); i++)
        most += 1 + programs_at(consents->programs, i)->config->senders.count;
    return most;
}

static json_t *scopes(const struct ended *ended, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, effect_scope(ended[i].scope, ended[i].name));
    return list;
}

/* The first `count` of them are what it ends, all of them what that covers today. */
static json_t *revocation_payload(const struct revocation *it, const struct ended *ended, size_t count,
                                  size_t all)
{
    json_t *payload = json_object();
    json_object_set_new(payload, "ends", scopes(ended, count));
    json_object_set_new(payload, EFFECT_COVERS, scopes(ended, all));
    set_text(payload, "how", it->how);
    set_text(payload, "channel", it->channel);
    set_text(payload, "note", it->note);
    set_text(payload, "account", it->account);
    set_text(payload, "carrier", it->carrier);
    set_rule(payload, it->rule);
    return payload;
}

static bool is_out_of(struct consents *consents, uint64_t number, const struct ended *ended,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_wholly_out(consents, number, ended[i].scope, ended[i].name))
            return false;
    return true;
}

static struct ended *ended_new(const struct consents *consents, const struct revocation *it)
{
    return region_get(loop_region(consents->loop), ended_most(consents, it) * sizeof(struct ended));
}

bool consent_is_out_of_all(struct consents *consents, const struct revocation *it)
{
    struct ended *ended = ended_new(consents, it);
    return is_out_of(consents, it->number, ended, ended_list(it, ended));
}

void revocation_aim(struct consents *consents, struct revocation *it, const struct program *program)
{
    const struct programs *programs = consents->programs;
    size_t count = 0;
    const struct program **aims =
        region_get(loop_region(consents->loop), (programs_count(programs) + 1) * sizeof *aims);
    for (size_t i = 0; i < programs_count(programs); i++) {
        const struct program *one = programs_at(programs, i);
        if (program != NULL ? one == program : programs_use_carrier(programs, one, it->carrier))
            aims[count++] = one;
    }
    for (size_t i = 0; count == 0 && i < programs_count(programs); i++)
        aims[i] = programs_at(programs, i);
    it->programs = aims;
    it->program_count = count == 0 ? programs_count(programs) : count;
}

void consent_revoke(struct consents *consents, const struct revocation *it, int64_t now_ms,
                    struct revoked *out)
{
    struct change change;
    change_begin(consents, it->number, NULL, now_ms, &change);
    struct ended *ended = ended_new(consents, it);
    size_t ends = ended_list(it, ended), count = ended_widen(consents, ended, ends);
    out->was_out = is_out_of(consents, it->number, ended, ends);
    out->seq = consent_append(consents, now_ms, "opt_out", it->written_to, it->number,
                              revocation_payload(it, ended, ends, count));
    for (size_t i = 0; i < count; i++) {
        struct optout optout = {.number = it->number,
                                .scope = ended[i].scope,
                                .name = ended[i].name,
                                .seq = out->seq,
                                .at = now_ms,
                                .inbound = it->inbound,
                                .how = it->how};
        bar_set(consents, it->number, ended[i].scope, ended[i].name, out->seq);
        consent_optout_put(consents, &optout);
    }
    reviews_after_opt_out(consents, it->number, ended, count, it->how, now_ms);
    if (consents->events != NULL)
        consents->events->went_out(consents->owner, it->number);
    change_end(consents, &change, it->channel);
}

/* A stranger's keyword is an opt-in where the program says so, in the countries that it serves. */
static bool opts_in_itself(const struct restart *it, bool has_opted_in)
{
    const struct config_program *config = it->program->config;
    return config->keyword_opt_in && !has_opted_in && !it->is_answer &&
           config_list_has(&config->countries, number_country(it->number));
}

/* row: as the keyword leaves it. */
static json_t *restart_payload(const struct restart *it, const struct consent *row, bool restores,
                               bool is_opt_in, int64_t now_ms)
{
    char at[TIME_TEXT_SIZE];
    json_t *payload = json_object();
    time_write(now_ms, at);
    set_text(payload, "how", it->is_answer ? "answered YES" : "texted START");
    set_text(payload, "channel", "sms");
    set_text(payload, "carrier", it->carrier);
    set_rule(payload, it->rule);
    set_text(payload, "inbound", it->inbound_id);
    set_text(payload, "text", it->text);
    json_object_set_new(payload, "restores", json_boolean(restores));
    effect_put(payload, row, row->lifted_seq);
    if (!is_opt_in)
        return payload;
    set_text(payload, "source", "keyword");
    set_text(payload, "disclosure", it->program->config->call_to_action);
    set_text(payload, "collected_at", at);
    return payload;
}

/* The row as the keyword leaves it. */
static void restart_row(const struct restart *it, struct consent *row,
                        const struct optout *suppression, bool is_opt_in, int64_t seq,
                        int64_t now_ms)
{
    row->lifted_seq = seq;
    row->since = now_ms;
    /* START is written by people of every language, and by those of a form in another one. */
    if (it->language != NULL && config_language_of(it->language) != CONFIG_ENGLISH)
        row->language = it->language;
    row->awaits_yes = is_opt_in && it->program->config->double_opt_in;
    if (is_opt_in || !row->has_opted_in) {
        row->seq = seq;
        row->why = is_opt_in ? "texted a keyword to opt in"
                             : "texted START without an earlier opt-in";
    }
    if (is_opt_in) {
        row->has_opted_in = true;
        row->collected_at = now_ms;
    }
    if (!row->has_opted_in || consent_is_void(suppression, row))
        return;
    row->confirmation = CONFIRMATION_PENDING;
    row->confirmation_since = now_ms;
    row->confirmation_tries = 0;
}

static void restart(struct consents *consents, const struct restart *it, int64_t now_ms,
                    struct restarted *out)
{
    struct consent row;
    struct optout optout, suppression;
    *out = (struct restarted){0};
    if (!consent_standing(consents, it->program, it->number, now_ms, &out->standing) ||
        !consent_read(consents, it->program, it->number, &row, &optout, &suppression)) {
        store_abandon(consents->store); /* unanswered, it comes again */
        return;
    }
    /* A consent that is void is somebody else's: it isn't restored (R113). */
    bool has_opted_in = row.has_opted_in && !consent_is_void(&suppression, &row);
    bool is_out = optout.seq > row.lifted_seq, is_opt_in = opts_in_itself(it, has_opted_in);
    bool settles = is_out || row.seq == 0 || row.review != 0 || row.awaits_yes;
    if (!settles && !is_opt_in)
        return; /* nothing to lift and no doubt to settle, and a START adds no consent (R72) */
    out->seq = ledger_next(consents->ledger);
    restart_row(it, &row, &suppression, is_opt_in, out->seq, now_ms);
    must(consent_append(consents, now_ms, "opt_in", it->program->config->name, it->number,
                        restart_payload(it, &row, has_opted_in, is_opt_in, now_ms)) == out->seq);
    consent_row_put(consents, &row);
    reviews_after_opt_in(consents, it->program, &row, now_ms);
    consent_standing(consents, it->program, it->number, now_ms, &out->standing);
    out->wants_confirmation = out->standing.state == STANDING_OPTED_IN ||
                              out->standing.state == STANDING_AWAITING_CONFIRMATION;
}

void consent_restart(struct consents *consents, const struct restart *it, int64_t now_ms,
                     struct restarted *out)
{
    struct change change;
    change_begin(consents, it->number, it->program, now_ms, &change);
    restart(consents, it, now_ms, out);
    change_end(consents, &change, "keyword");
}
