#include "src/sim/sim_say.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/must.h"

static bool says_words(const struct sim *sim)
{
    return !sim->settings.is_quiet && !sim->settings.is_json;
}

static bool says_json(const struct sim *sim)
{
    return !sim->settings.is_quiet && sim->settings.is_json;
}

/* One write a turn: stdout is flushed when the turn ends. Takes the event. */
static void print_json(json_t *event)
{
    must(event != NULL);
    json_dumpf(event, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(event);
}

/* Quoted, on one line whatever is in it. */
static void print_words(struct sim_words words)
{
    putchar('"');
    for (size_t i = 0; i < words.length; i++) {
        unsigned char octet = (unsigned char)words.text[i];
        if (octet == '"' || octet == '\\')
            printf("\\%c", octet);
        else if (octet == '\n')
            fputs("\\n", stdout);
        else if (octet < 0x20 || octet == 0x7F)
            printf("\\x%02X", octet);
        else
            putchar(octet);
    }
    putchar('"');
    if (words.flaw != NULL)
        printf(" flaw=\"%s\"", words.flaw);
    putchar('\n');
}

/* With the "+" that TON 1 stands for (F170). */
static const char *full_number(struct region *region, const struct sim_address *address)
{
    return address->ton == 1 ? region_format(region, "+%s", address->digits) : address->digits;
}

void sim_say_ready(const struct sim *sim, const char *control)
{
    printf("sim ready smpp=%s control=%s\n", listener_address(sim->listener), control);
    fflush(stdout);
}

void sim_say_bound(const struct sim *sim, const char *system_id, const char *kind, uint64_t bind,
                   const char *version, const char *peer)
{
    if (says_words(sim))
        printf("bound %s %s bind=%" PRIu64 " version=%s peer=%s\n", system_id, kind, bind, version,
               peer);
    if (says_json(sim))
        print_json(json_pack("{ss ss ss sI ss ss}", "event", "bound", "system_id", system_id, "as",
                             kind, "bind", (json_int_t)bind, "version", version, "peer", peer));
}

void sim_say_unbound(const struct sim *sim, const char *system_id, uint64_t bind, const char *why)
{
    const char *event = system_id == NULL ? "closed" : "unbound";
    if (says_words(sim))
        printf("%s %s bind=%" PRIu64 " why=\"%s\"\n", event, system_id == NULL ? "-" : system_id,
               bind, why);
    if (says_json(sim))
        print_json(json_pack("{ss ss? sI ss}", "event", event, "system_id", system_id, "bind",
                             (json_int_t)bind, "why", why));
}

void sim_say_refused(const struct sim *sim, const char *what, uint64_t bind, uint32_t status)
{
    if (says_words(sim))
        printf("refused %s status=0x%" PRIX32 " bind=%" PRIu64 "\n", what, status, bind);
    if (says_json(sim))
        print_json(json_pack("{ss ss sI sI}", "event", "refused", "what", what, "status",
                             (json_int_t)status, "bind", (json_int_t)bind));
}

static struct sim_words decode(struct region *region, const struct sim_submit *submit)
{
    return sim_text_decode(region, sim_coding_of(submit->data_coding), submit->text);
}

/* NULs in it stay: JSON can hold them. */
static json_t *json_words(struct sim_words words)
{
    json_t *text = json_stringn(words.text, words.length);
    must(text != NULL);
    return text;
}

static json_t *json_hex(struct region *region, struct octets octets)
{
    char *hex = region_get(region, 2 * octets.length + 1);
    octets_to_hex(octets, hex);
    return json_string(hex);
}

static json_t *json_tlvs(struct region *region, struct octets tlvs)
{
    uint16_t tag;
    struct octets value;
    json_t *list = json_array();
    for (size_t at = 0; sim_tlv_next(tlvs, &at, &tag, &value);)
        json_array_append_new(list, json_pack("{ss so}", "tag", region_format(region, "0x%04X", tag),
                                              "value", json_hex(region, value)));
    return list;
}

static json_t *json_message(const struct sim *sim, const struct sim_message *message)
{
    struct region *region = loop_region(sim->loop);
    const struct sim_submit *submit = &message->submit;
    struct sim_words words = decode(region, submit);
    char heard_at[TIME_TEXT_SIZE];
    time_write(message->heard_at, heard_at);
    return json_pack(
        "{ss ss ss ss ss sI si si si si si si ss so ss? so so so}", "at", heard_at, "id", message->id, "to",
        full_number(region, &submit->to), "from", full_number(region, &submit->from), "system_id",
        message->system_id, "bind", (json_int_t)message->bind, "part", submit->part, "parts",
        submit->parts, "reference", submit->reference, "data_coding", submit->data_coding,
        "esm_class", submit->esm_class, "registered_delivery", submit->registered_delivery,
        "coding", sim_coding_name(sim_coding_of(submit->data_coding)), "text", json_words(words),
        "flaw", words.flaw, "udh", json_hex(region, submit->header), "octets",
        json_hex(region, submit->text), "tlvs", json_tlvs(region, submit->tlvs));
}

json_t *sim_say_message(const struct sim *sim, const struct sim_message *message)
{
    json_t *object = json_message(sim, message);
    must(object != NULL);
    return object;
}

void sim_say_heard(const struct sim *sim, const struct sim_message *message)
{
    struct region *region = loop_region(sim->loop);
    const struct sim_submit *submit = &message->submit;
    if (says_words(sim)) {
        printf("heard %s <- %s id=%s parts=%u/%u coding=%s ", full_number(region, &submit->to),
               full_number(region, &submit->from), message->id, submit->part, submit->parts,
               sim_coding_name(sim_coding_of(submit->data_coding)));
        print_words(decode(region, submit));
    }
    if (says_json(sim)) {
        json_t *event = json_pack("{ss}", "event", "heard");
        json_object_update_new(event, json_message(sim, message));
        print_json(event);
    }
}

void sim_say_whole(const struct sim *sim, const struct sim_message *last, struct sim_words whole)
{
    struct region *region = loop_region(sim->loop);
    const struct sim_submit *submit = &last->submit;
    const char *to = full_number(region, &submit->to), *from = full_number(region, &submit->from);
    if (says_words(sim)) {
        printf("whole %s <- %s parts=%u ", to, from, submit->parts);
        print_words(whole);
    }
    if (says_json(sim))
        print_json(json_pack("{ss ss ss si so ss?}", "event", "whole", "to", to, "from", from,
                             "parts", submit->parts, "text", json_words(whole), "flaw",
                             whole.flaw));
}

void sim_say_answered(const struct sim *sim, const char *id, uint64_t bind)
{
    if (says_words(sim))
        printf("answered id=%s status=0x0 bind=%" PRIu64 "\n", id, bind);
    if (says_json(sim))
        print_json(json_pack("{ss ss si sI}", "event", "answered", "id", id, "status", 0, "bind",
                             (json_int_t)bind));
}

static json_t *json_status(const uint32_t *status)
{
    return status == NULL ? json_null() : json_integer(*status);
}

void sim_say_receipt(const struct sim *sim, const char *stat, const char *id, uint64_t bind,
                     const uint32_t *status)
{
    if (says_words(sim) && status != NULL)
        printf("receipt %s id=%s status=0x%" PRIX32 " bind=%" PRIu64 "\n", stat, id, *status, bind);
    if (says_words(sim) && status == NULL)
        printf("receipt %s id=%s not answered bind=%" PRIu64 "\n", stat, id, bind);
    if (says_json(sim))
        print_json(json_pack("{ss ss ss so sI}", "event", "receipt", "stat", stat, "id", id,
                             "status", json_status(status), "bind", (json_int_t)bind));
}

void sim_say_mo(const struct sim *sim, uint64_t mo, uint64_t bind, const uint32_t *status,
                int64_t took_ms)
{
    if (says_words(sim) && status != NULL)
        printf("mo answered status=0x%" PRIX32 " mo=%" PRIu64 " bind=%" PRIu64 " ms=%" PRId64 "\n",
               *status, mo, bind, took_ms);
    if (says_words(sim) && status == NULL)
        printf("mo not answered mo=%" PRIu64 " bind=%" PRIu64 "\n", mo, bind);
    if (says_json(sim))
        print_json(json_pack("{ss sI sI so sI}", "event", "mo", "mo", (json_int_t)mo, "bind",
                             (json_int_t)bind, "status", json_status(status), "ms",
                             (json_int_t)took_ms));
}
