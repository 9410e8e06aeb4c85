/* Which carrier a message would take, and why. */
#include <string.h>

#include "base/region.h"
#include "consent/number.h"
#include "consent/program.h"
#include "consent/sender.h"
#include "http_parts.h"
#include "outbound/dispatch.h"
#include "outbound/route.h"

/* The one that decided. "": there is no route, or it names none. */
static const char *deciding_prefix(const struct config_route *route, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    number_write(number, text);
    return route == NULL ? "" : route_prefix(route, text);
}

/* place: from 1 in the order in which they would take it; 0: it wouldn't now. */
static size_t place_of(const struct way *way, const char *carrier)
{
    for (size_t i = 0; i < way->count; i++)
        if (strcmp(carrier_name(way->order[i]), carrier) == 0)
            return i + 1;
    return 0;
}

static json_t *choices_json(struct ask *ask, const struct way *way)
{
    json_t *list = json_array();
    for (size_t i = 0; i < way->tiers->count; i++) {
        const struct config_choice *choice = &way->tiers->at[i];
        const struct carrier *carrier = carriers_find(ask->gateway->carriers, choice->carrier);
        size_t place = place_of(way, choice->carrier);
        json_array_append_new(
            list, json_pack("{s:o,s:i,s:f,s:b,s:s,s:o}", "carrier", json_words(ask, choice->carrier),
                            "tier", (int)choice->tier + 1, "weight", choice->weight, "up",
                            carrier != NULL && carrier_is_up(carrier), "state",
                            carrier == NULL ? "removed" : carrier_order_word(carrier_order(carrier)),
                            "place", place == 0 ? json_null() : json_integer((json_int_t)place)));
    }
    return list;
}

static const char *why_words(struct ask *ask, const struct way *way, const char *prefix)
{
    const char *route = way->route == NULL ? "no route fits: its program's carriers"
                        : prefix[0] == '\0'
                            ? region_format(ask->region, "route %s fits", way->route->name)
                            : region_format(ask->region, "route %s fits best, by prefix %s",
                                            way->route->name, prefix);
    const char *held = hold_words(ask, &way->hold);
    if (held[0] != '\0')
        return region_format(ask->region, "%s; held: %s", route, held);
    return way->count == 1
               ? region_format(ask->region, "%s; %s is the only one that is up in the first tier that has one",
                               route, carrier_name(way->hold.carrier))
               : region_format(ask->region, "%s; %s is this number's among the %zu that are up, and has room",
                               route, carrier_name(way->hold.carrier), way->count);
}

static void route_answer(struct ask *ask, const struct program *program, const struct message *message)
{
    struct way way;
    dispatch_way(ask->gateway->dispatch, program, message, ask->now_ms, &way);
    const char *prefix = deciding_prefix(way.route, message->number);
    const char *carrier = way.hold.carrier == NULL ? "" : carrier_name(way.hold.carrier);
    answer_json(ask, 200,
                json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:o}", "to",
                          json_phone(message->number), "program", json_words(ask, program->config->name),
                          "from", json_words(ask, message->sender), "account",
                          json_words_or_null(ask, message->account), "route",
                          json_words_or_null(ask, way.route == NULL ? "" : way.route->name), "prefix",
                          json_words_or_null(ask, prefix), "carrier", json_words_or_null(ask, carrier),
                          "hold", hold_word(way.hold.kind), "until",
                          json_time(way.hold.wait_ms == 0 ? 0 : ask->now_ms + way.hold.wait_ms),
                          "carriers", choices_json(ask, &way), "why",
                          json_words(ask, why_words(ask, &way, prefix))));
}

void route_get(struct ask *ask)
{
    struct message message = {.parts = 1, .purpose = PURPOSE_CAMPAIGN};
    const struct program *program = NULL;
    char sender[SENDER_TEXT_SIZE];
    const char *from = ask_parameter(ask, "from"), *account = ask_parameter(ask, "account");
    const char *name = ask_parameter(ask, "program");
    if (!ask_number(ask, "to", ask_parameter(ask, "to"), &message.number))
        return;
    if (message.number == 0 || name == NULL) {
        answer_problem(ask, VERDICT_MALFORMED, "%s: it is missing", name == NULL ? "program" : "to");
        return;
    }
    bool is_admin = account_has_role(ask->account, CONFIG_ROLE_ADMIN);
    if (is_admin && (program = programs_find(ask->gateway->programs, name)) == NULL)
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no program %s", name);
    if (is_admin ? program == NULL : !ask_program(ask, name, &program))
        return;
    message.program = program->id;
    message.account = account != NULL ? account : is_admin ? "" : ask->account->name;
    if (!is_admin && strcmp(message.account, ask->account->name) != 0) {
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account: only an admin asks for others'");
        return;
    }
    message.sender = program->config->senders.at[0];
    if (from != NULL && (!sender_read(octets_text(from), ask->gateway->config->default_country, sender) ||
                         !program_has_sender(program, sender))) {
        answer_problem(ask, VERDICT_SENDER_NOT_ALLOWED, "from: it is no sender of program %s", name);
        return;
    }
    if (from != NULL)
        message.sender = sender;
    route_answer(ask, program, &message);
}
