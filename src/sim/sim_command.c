#include "src/sim/sim_command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "src/sim/sim_bind.h"
#include "src/sim/sim_cut.h"
#include "src/sim/sim_post.h"
#include "src/sim/sim_say.h"

#define WORDS    " \t"
#define UDH_MOST 140 /* octets: a whole short message */
#define ESM_UDHI 0x40

struct order {
    struct sim *sim;
    char *rest; /* of the line, after the words that were taken */
    struct sim_buffer *out;
    struct sim_listing *listing;
};

static void add_line(struct sim_buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_line(struct sim_buffer *out, const char *format, ...)
{
    char line[SIM_KNOBS_TEXT_SIZE + 8];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    sim_buffer_add(out, line, strlen(line));
    sim_buffer_add(out, "\n", 1);
}

static void add_json(struct sim_buffer *out, json_t *object)
{
    must(object != NULL);
    char *text = json_dumps(object, JSON_COMPACT);
    must(text != NULL);
    sim_buffer_add(out, text, strlen(text));
    sim_buffer_add(out, "\n", 1);
    free(text);
    json_decref(object);
}

/* The next word of the line, empty when there is none. */
static char *take_word(struct order *order)
{
    char *word = order->rest + strspn(order->rest, WORDS);
    char *end = word + strcspn(word, WORDS);
    order->rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* Decimal, or hexadecimal with 0x. */
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

/* ---- mo ---- */

/* As a carrier would write it: +… is international, digits alone are a short code or national, all
 * else is a name (F170, F174, F175). */
static bool read_address(const char *word, struct sim_address *address)
{
    bool is_international = word[0] == '+';
    const char *digits = is_international ? word + 1 : word;
    size_t length = strlen(digits);
    bool is_number = strspn(digits, "0123456789") == length;
    if (length == 0 || length > 20 || (is_international && !is_number))
        return false;
    for (const char *at = digits; *at != '\0'; at++)
        if (*at < 0x21 || *at > 0x7E)
            return false;
    address->ton = is_international ? 1 : is_number ? 0 : 5;
    address->npi = is_number ? 1 : 0;
    memcpy(address->digits, digits, length + 1);
    return true;
}

struct mo {
    struct sim_deliver deliver;
    bool has_coding;
    enum sim_coding coding;
    struct sim_buffer octets; /* header, then text */
    size_t header;
    struct sim_cut cut;
};

static const char *read_udh(const char *hex, struct mo *mo)
{
    uint8_t header[UDH_MOST];
    struct octets digits = octets_text(hex);
    if (digits.length == 0 || digits.length > 2 * UDH_MOST || !octets_from_hex(digits, header))
        return "--udh wants hexadecimal octets, 140 at most";
    mo->octets.length = 0;
    sim_buffer_add(&mo->octets, header, digits.length / 2);
    mo->header = digits.length / 2;
    mo->deliver.esm_class |= ESM_UDHI;
    return NULL;
}

/* NULL: it was one, and is read. Otherwise what is wrong, or that it is another option. */
static const char *read_cut_option(const char *word, struct mo *mo)
{
    uint64_t number;
    if (strncmp(word, "--parts=", 8) == 0) {
        bool is_read = read_number(word + 8, SIM_CUT_MOST, &number) && number > 0;
        mo->cut.parts = is_read ? (unsigned)number : 0;
        return is_read ? NULL : "--parts is 1 to 64";
    }
    if (strncmp(word, "--reference=", 12) == 0) {
        bool is_read = read_number(word + 12, UINT16_MAX, &number);
        mo->cut.reference = is_read ? (uint16_t)number : 0;
        return is_read ? NULL : "--reference is 0 to 65535";
    }
    if (strncmp(word, "--order=", 8) == 0)
        return sim_cut_order(&mo->cut, word + 8) ? NULL : "--order names parts, as in 3,1,1";
    if (strncmp(word, "--by=", 5) == 0)
        return sim_cut_join(&mo->cut, word + 5) ? NULL : "--by is udh8, udh16 or sar";
    return "unknown option; a text that begins with -- goes after a --";
}

static const char *read_option(const char *word, struct mo *mo)
{
    if (strncmp(word, "--coding=", 9) == 0) {
        mo->has_coding = sim_coding_find(word + 9, &mo->coding);
        return mo->has_coding ? NULL : "--coding is gsm7, latin1 or ucs2";
    }
    if (strncmp(word, "--udh=", 6) == 0)
        return read_udh(word + 6, mo);
    mo->deliver.is_payload = mo->deliver.is_payload || strcmp(word, "--payload") == 0;
    mo->deliver.is_data_sm = mo->deliver.is_data_sm || strcmp(word, "--data_sm") == 0;
    if (strcmp(word, "--payload") == 0 || strcmp(word, "--data_sm") == 0)
        return NULL;
    return read_cut_option(word, mo);
}

/* Leaves the text in rest. */
static const char *read_options(struct order *order, struct mo *mo)
{
    for (;;) {
        order->rest += strspn(order->rest, WORDS);
        if (strncmp(order->rest, "--", 2) != 0)
            return NULL;
        const char *word = take_word(order);
        if (strcmp(word, "--") == 0)
            return NULL;
        const char *fault = read_option(word, mo);
        if (fault != NULL)
            return fault;
    }
}

/* Unless told otherwise GSM, and what it can't hold as UCS-2 (F222). */
static const char *encode_text(const char *text, struct mo *mo)
{
    if (!mo->has_coding) {
        mo->coding = SIM_GSM7;
        if (sim_text_encode(SIM_GSM7, text, &mo->octets))
            return NULL;
        mo->coding = SIM_UCS2;
    }
    return sim_text_encode(mo->coding, text, &mo->octets)
               ? NULL
               : "the text is not UTF-8, or has characters that this coding lacks";
}

static const char *read_mo(struct order *order, struct mo *mo)
{
    const char *from = take_word(order), *to = take_word(order);
    bool is_option = strncmp(from, "--", 2) == 0 || strncmp(to, "--", 2) == 0; /* they stand behind the addresses */
    if (is_option || !read_address(from, &mo->deliver.from) || !read_address(to, &mo->deliver.to))
        return "mo FROM TO [--coding=gsm7|latin1|ucs2] [--payload|--data_sm] [--udh=HEX] "
               "[--parts=N [--order=N,N...] [--by=udh8|udh16|sar] [--reference=N]] TEXT";
    mo->cut.join = SIM_JOIN_UDH8;
    const char *fault = read_options(order, mo);
    if (fault == NULL)
        fault = encode_text(order->rest, mo);
    if (fault != NULL)
        return fault;
    mo->deliver.is_payload = mo->deliver.is_payload || mo->deliver.is_data_sm;
    bool has_room = mo->deliver.is_payload || mo->cut.parts > 0;
    if (mo->octets.length > (has_room ? UINT16_MAX : SIM_SHORT_MESSAGE_MOST))
        return has_room ? "the text is longer than a payload can be"
                        : "the text is longer than 254 octets: --parts or --payload";
    mo->deliver.data_coding = sim_coding_data_coding(mo->coding);
    mo->deliver.text = octets_of(mo->octets.at, mo->octets.length);
    return NULL;
}

static void run_mo(struct order *order)
{
    struct mo mo = {0};
    uint64_t number = 0, bind = 0;
    const char *fault = read_mo(order, &mo);
    if (fault == NULL && mo.cut.parts > 0)
        fault = sim_cut_post(order->sim->post, &mo.deliver, mo.header, &mo.cut, &number, &bind);
    else if (fault == NULL)
        fault = sim_post_mo(order->sim->post, &mo.deliver, &number, &bind);
    if (fault != NULL)
        add_line(order->out, "error %s", fault);
    else
        add_line(order->out, "ok mo=%" PRIu64 " bind=%" PRIu64, number, bind);
    sim_buffer_wipe(&mo.octets);
}

/* ---- what was heard ---- */

static json_t *json_binds(struct sim *sim)
{
    json_t *binds = json_array();
    for (struct sim_bind *bind = sim_bind_next(sim, NULL); bind != NULL;
         bind = sim_bind_next(sim, bind))
        json_array_append_new(binds, sim_bind_status(bind));
    return binds;
}

static void run_status(struct order *order)
{
    const struct sim *sim = order->sim;
    const struct sim_counters *counters = &sim->counters;
    add_json(
        order->out,
        json_pack("{so sI sI sI sI sI sI sI sI sI sb sb sb sb ss sI}", "binds", json_binds(order->sim),
                  "heard", (json_int_t)sim_store_total(sim->store), "answered",
                  (json_int_t)counters->answered, "refused", (json_int_t)counters->refused,
                  "receipts_sent", (json_int_t)counters->receipts_sent, "receipts_taken",
                  (json_int_t)counters->receipts_taken, "receipts_waiting",
                  (json_int_t)sim_post_waiting(sim->post), "receipts_dropped",
                  (json_int_t)counters->receipts_dropped, "mo_sent", (json_int_t)counters->mo_sent,
                  "mo_taken", (json_int_t)counters->mo_taken, "holds_answers", sim->holds_answers,
                  "reads_nothing", sim->reads_nothing, "writes_nothing", sim->writes_nothing,
                  "sends_receipts", sim->sends_receipts, "state", sim->state->stat, "latency_ms", (json_int_t)sim->knobs.latency_ms.most));
}

static void run_count(struct order *order)
{
    const char *number = take_word(order);
    uint64_t count;
    if (*number == '\0')
        add_line(order->out, "error count NUMBER");
    else if (!sim_store_count(order->sim->store, number, &count))
        add_line(order->out, "error not known: more than %d numbers got messages",
                 SIM_NUMBERS_MOST);
    else
        add_line(order->out, "ok %" PRIu64, count);
}

static void run_messages(struct order *order)
{
    const char *number = take_word(order);
    if (strlen(number) >= sizeof order->listing->number) {
        add_line(order->out, "error messages [NUMBER]");
        return;
    }
    *order->listing = (struct sim_listing){.is_open = true, .next = 1};
    memcpy(order->listing->number, number, strlen(number) + 1);
}

void sim_command_list(struct sim *sim, struct sim_buffer *out, size_t most,
                      struct sim_listing *listing)
{
    const char *number = listing->number[0] == '\0' ? NULL : listing->number;
    while (listing->is_open && out->length < most) {
        const struct sim_message *message = sim_store_next(sim->store, listing->next, number);
        if (message == NULL) {
            add_line(out, ".");
            listing->is_open = false;
            return;
        }
        add_json(out, sim_say_message(sim, message));
        listing->next = message->serial + 1;
    }
}

/* ---- knobs ---- */

static void adapt_all(struct sim *sim)
{
    for (struct sim_bind *bind = sim_bind_next(sim, NULL); bind != NULL;
         bind = sim_bind_next(sim, bind))
        sim_bind_adapt(bind);
}

static void run_drop(struct order *order)
{
    const char *word = take_word(order);
    uint64_t number = 0, dropped = 0;
    if (*word != '\0' && !read_number(word, UINT64_MAX, &number)) {
        add_line(order->out, "error drop [BIND]");
        return;
    }
    struct sim_bind *next;
    for (struct sim_bind *bind = sim_bind_next(order->sim, NULL); bind != NULL; bind = next) {
        next = sim_bind_next(order->sim, bind);
        if (*word != '\0' && sim_bind_number(bind) != number)
            continue;
        sim_bind_close(bind, "dropped");
        dropped++;
    }
    if (*word != '\0' && dropped == 0)
        add_line(order->out, "error no bind=%" PRIu64, number);
    else
        add_line(order->out, "ok dropped=%" PRIu64, dropped);
}

static void run_pause(struct order *order)
{
    const char *word = take_word(order);
    if (*word == '\0')
        order->sim->holds_answers = true;
    else if (strcmp(word, "reading") == 0)
        order->sim->reads_nothing = true;
    else if (strcmp(word, "writing") == 0)
        order->sim->writes_nothing = true;
    else {
        add_line(order->out, "error pause [reading|writing]");
        return;
    }
    adapt_all(order->sim);
    add_line(order->out, "ok");
}

static void run_resume(struct order *order)
{
    order->sim->holds_answers = false;
    order->sim->reads_nothing = false;
    order->sim->writes_nothing = false;
    adapt_all(order->sim);
    add_line(order->out, "ok");
}

static void run_refuse(struct order *order)
{
    const char *status_word = take_word(order), *count_word = take_word(order);
    uint64_t status, count = SIM_REFUSE_FOR_EVER;
    if (!read_number(status_word, UINT32_MAX, &status) ||
        (*count_word != '\0' && !read_number(count_word, UINT32_MAX, &count))) {
        add_line(order->out, "error refuse STATUS [N]");
        return;
    }
    order->sim->refuse_status = (uint32_t)status;
    order->sim->refuse_left = status == 0 ? 0 : count;
    add_line(order->out, "ok");
}

static void run_receipts(struct order *order)
{
    const char *word = take_word(order);
    const struct sim_state *state = sim_state_find(strcmp(word, "on") == 0 ? "DELIVRD" : word);
    if (state == NULL && strcmp(word, "off") != 0) {
        add_line(order->out, "error receipts on|off|DELIVRD|EXPIRED|DELETED|UNDELIV|ACCEPTD|"
                             "UNKNOWN|REJECTD");
        return;
    }
    order->sim->sends_receipts = state != NULL;
    if (state != NULL)
        order->sim->state = state;
    add_line(order->out, "ok");
}

static void turn_knob(struct order *order, const char *name, const char *value)
{
    char why[SIM_KNOBS_WHY_SIZE];
    struct sim *sim = order->sim;
    if (!sim_knobs_set(&sim->knobs, name, value, why)) {
        add_line(order->out, "error %s", why);
        return;
    }
    if (strcmp(name, "seed") == 0)
        sim_dice_seed(&sim->dice, sim->knobs.seed);
    adapt_all(sim);
    add_line(order->out, "ok");
}

static void run_set(struct order *order)
{
    const char *name = take_word(order);
    turn_knob(order, name, take_word(order));
}

static void run_latency(struct order *order)
{
    turn_knob(order, "latency", take_word(order));
}

static void run_show(struct order *order)
{
    char text[SIM_KNOBS_TEXT_SIZE];
    sim_knobs_write(&order->sim->knobs, text);
    add_line(order->out, "ok %s", text);
}

static void run_quit(struct order *order)
{
    add_line(order->out, "ok");
    sim_leave(order->sim, "quit");
}

static const struct {
    const char *name;
    void (*run)(struct order *order);
} commands[] = {
    {"mo", run_mo},           {"status", run_status},
    {"count", run_count},     {"messages", run_messages},
    {"drop", run_drop},       {"pause", run_pause},
    {"resume", run_resume},   {"refuse", run_refuse},
    {"quit", run_quit},       {"receipts", run_receipts},
    {"latency", run_latency}, {"set", run_set},
    {"show", run_show},
};

void sim_command_run(struct sim *sim, char *line, struct sim_buffer *out,
                     struct sim_listing *listing)
{
    struct order order = {.sim = sim, .rest = line, .out = out, .listing = listing};
    const char *name = take_word(&order);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        commands[i].run(&order);
        return;
    }
    add_line(out, "error unknown command %.40s", name);
}
