/* GET /metrics: the Prometheus text format, 0.0.4. docs/metrics.md has what this gives. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/must.h"
#include "base/process.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/ledger_watch.h"
#include "consent/program.h"
#include "consent/suppression.h"
#include "doors/smpp_door.h"
#include "http_parts.h"
#include "inbound/inbound.h"
#include "letterbox.h"
#include "notify/courier.h"
#include "outbound/accept.h"
#include "outbound/bins.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"
#include "outbound/receipts.h"
#include "outbound/settle.h"

static void family(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP assent_%s %s\n# TYPE assent_%s %s\n", name, help, name, type);
}

static void single(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    family(out, name, type, help);
    fprintf(out, "assent_%s %" PRIu64 "\n", name, value);
}

static void label_put(FILE *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            fputs("\\n", out);
            continue;
        }
        if (*value == '"' || *value == '\\')
            putc('\\', out);
        putc(*value, out);
    }
}

static void labelled(FILE *out, const char *name, const char *label, const char *word,
                     uint64_t value)
{
    fprintf(out, "assent_%s{%s=\"", name, label);
    label_put(out, word);
    fprintf(out, "\"} %" PRIu64 "\n", value);
}

static void labelled_real(FILE *out, const char *name, const char *label, const char *word,
                          double value)
{
    fprintf(out, "assent_%s{%s=\"", name, label);
    label_put(out, word);
    fprintf(out, "\"} %.3f\n", value);
}

/* `word` of that label, or no label where it is NULL. */
static void histogram_write(FILE *out, const char *name, const char *label, const char *word,
                            const struct histogram *histogram)
{
    uint64_t below = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        below += histogram->at[i];
        fprintf(out, "assent_%s_bucket{", name);
        if (label != NULL) {
            fprintf(out, "%s=\"", label);
            label_put(out, word);
            fputs("\",", out);
        }
        if (i < HISTOGRAM_BOUNDS)
            fprintf(out, "le=\"%g\"} %" PRIu64 "\n", (double)histogram_bounds_ms[i] / 1000, below);
        else
            fprintf(out, "le=\"+Inf\"} %" PRIu64 "\n", below);
    }
    char sum[80], count[80];
    snprintf(sum, sizeof sum, "%s_sum", name);
    snprintf(count, sizeof count, "%s_count", name);
    if (label == NULL) {
        fprintf(out, "assent_%s %.3f\nassent_%s %" PRIu64 "\n", sum, (double)histogram->sum_ms / 1000, count, below);
        return;
    }
    labelled_real(out, sum, label, word, (double)histogram->sum_ms / 1000);
    labelled(out, count, label, word, below);
}

/* A state that can't be read is left out, not told as 0. */
static void messages_write(FILE *out, const struct gateway *gateway)
{
    static const enum message_state states[] = {
#define MESSAGE_STATE(name, number, word) MESSAGE_##name,
#include "proto/message.def"
    };
    family(out, "messages", "gauge", "Messages on record, by their state.");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        int64_t count = store_message_count(gateway->store, states[i]);
        if (count >= 0)
            labelled(out, "messages", "state", message_state_word(states[i]), (uint64_t)count);
    }
    single(out, "messages_in_flight", "gauge", "Messages given to a carrier and not yet answered.",
           dispatch_in_flight(gateway->dispatch));
}

/* A program's lanes come one behind the other; one that never sent has none. */
static void stuck_write(FILE *out, const struct gateway *gateway)
{
    struct lane_walk walk = {0};
    const struct lane *lane = dispatch_next_lane(gateway->dispatch, &walk);
    family(out, "queue_stuck", "gauge",
           "Whether messages of the program could go and have not moved for a minute.");
    while (lane != NULL) {
        bool is_stuck = false;
        const struct program *program = lane->program;
        for (; lane != NULL && lane->program == program; lane = dispatch_next_lane(gateway->dispatch, &walk))
            is_stuck = is_stuck || lane->watched.is_stuck;
        labelled(out, "queue_stuck", "program", program->config->name, is_stuck);
    }
}

static uint64_t carrier_figure(const struct carrier *carrier, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)carrier_counts(carrier) + offset, sizeof value);
    return value;
}

static void deviations_write(FILE *out, const char *name, const char *peer,
                             const struct deviations *deviations)
{
    for (size_t i = 0; i < deviations->count; i++) {
        fprintf(out, "assent_%s{", name);
        if (peer != NULL) {
            fputs("carrier=\"", out);
            label_put(out, peer);
            fputs("\",", out);
        }
        fprintf(out, "deviation=\"%s\"} %" PRIu64 "\n", deviations->at[i].name,
                deviations->at[i].count);
    }
}

static void join_senders(void *who, const char *account, const struct deviations *deviations)
{
    (void)account; /* their names are no labels: there may be thousands */
    deviations_join(who, deviations);
}

static void all_deviations_write(FILE *out, const struct gateway *gateway)
{
    struct deviations deviations;
    family(out, "carrier_deviations_total", "counter",
           "What a carrier did against the protocol, and was forgiven.");
    for (size_t i = 0; i < carriers_count(gateway->carriers); i++) {
        const struct carrier *carrier = carriers_at(gateway->carriers, i);
        carrier_deviations(carrier, &deviations);
        deviations_write(out, "carrier_deviations_total", carrier_name(carrier), &deviations);
    }
    family(out, "sender_deviations_total", "counter",
           "What senders on SMPP did against the protocol, and was forgiven.");
    deviations.count = 0;
    smpp_door_deviations(gateway->smpp_door, join_senders, &deviations);
    deviations_write(out, "sender_deviations_total", NULL, &deviations);
}

static void carriers_write(FILE *out, const struct gateway *gateway)
{
    static const struct {
        const char *name, *help;
        size_t offset;
    } rows[] = {
#define FIGURE(member, name, help) {name, help, offsetof(struct carrier_counts, member)}
        FIGURE(submitted, "carrier_submitted_total", "Parts of messages given to the carrier."),
        FIGURE(accepted, "carrier_accepted_total", "Parts that the carrier took."),
        FIGURE(refused, "carrier_refused_total", "Parts that the carrier refused."),
        FIGURE(throttled, "carrier_throttled_total", "Parts that the carrier refused for coming too fast."),
        FIGURE(unanswered, "carrier_unanswered_total", "Parts that were never answered."),
        FIGURE(heard, "carrier_heard_total", "deliver_sm and data_sm from the carrier."),
        FIGURE(binds, "carrier_binds_total", "Binds that came up."),
#undef FIGURE
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        family(out, rows[i].name, "counter", rows[i].help);
        for (size_t j = 0; j < carriers_count(gateway->carriers); j++) {
            const struct carrier *carrier = carriers_at(gateway->carriers, j);
            labelled(out, rows[i].name, "carrier", carrier_name(carrier),
                     carrier_figure(carrier, rows[i].offset));
        }
    }
    all_deviations_write(out, gateway);
    family(out, "carrier_up", "gauge", "Whether the carrier is bound for submits.");
    for (size_t j = 0; j < carriers_count(gateway->carriers); j++) {
        const struct carrier *carrier = carriers_at(gateway->carriers, j);
        labelled(out, "carrier_up", "carrier", carrier_name(carrier), carrier_is_up(carrier));
    }
    family(out, "carrier_limit_parts_per_second", "gauge", "Parts a second that the carrier is given at most; 0: no limit.");
    for (size_t j = 0; j < carriers_count(gateway->carriers); j++) {
        const struct carrier *carrier = carriers_at(gateway->carriers, j);
        labelled_real(out, "carrier_limit_parts_per_second", "carrier", carrier_name(carrier), carrier_rate(carrier));
    }
}

static void times_write(FILE *out, const struct gateway *gateway)
{
    static const struct {
        enum bins_time time;
        const char *name, *help;
    } rows[] = {{BINS_ANSWER, "carrier_answer_seconds", "From a submit to the carrier's answer."},
                {BINS_WAIT, "carrier_wait_seconds", "From when a message was handed in, or was due, to its submit."}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        family(out, rows[i].name, "histogram", rows[i].help);
        for (size_t j = 0; j < carriers_count(gateway->carriers); j++) {
            const struct carrier *carrier = carriers_at(gateway->carriers, j);
            histogram_write(out, rows[i].name, "carrier", carrier_name(carrier),
                            bins_total(carrier_bins(carrier), rows[i].time));
        }
    }
}

static void blocks_write(FILE *out, const struct gateway *gateway)
{
    family(out, "blocks_total", "counter", "Messages that the gate refused, by the code of the block.");
    for (enum verdict verdict = 0; verdict < VERDICTS; verdict++)
        if (verdict != VERDICT_ALLOWED && verdict_row(verdict)->is_block)
            labelled(out, "blocks_total", "code", verdict_row(verdict)->code, ledger_blocks(gateway->ledger, verdict));
}

static void inbound_write(FILE *out, const struct gateway *gateway)
{
    const struct inbounds_counts *counts = inbounds_counts(gateway->inbounds);
    const struct receipts_counts *receipts = receipts_counts(gateway->receipts);
    single(out, "inbound_texts_total", "counter", "Texts that people wrote.", counts->texts);
    family(out, "inbound_acts_total", "counter", "Texts that did something, by what.");
    labelled(out, "inbound_acts_total", "act", "opt_out", counts->opt_outs);
    labelled(out, "inbound_acts_total", "act", "opt_in", counts->opt_ins);
    labelled(out, "inbound_acts_total", "act", "help", counts->helps);
    labelled(out, "inbound_acts_total", "act", "review", counts->reviews);
    labelled(out, "inbound_acts_total", "act", "keyword", counts->keywords);
    single(out, "inbound_redelivered_total", "counter", "Texts that a carrier delivered again.",
           counts->redelivered);
    single(out, "inbound_joined_total", "counter", "Texts in parts that became whole.",
           counts->joined);
    single(out, "inbound_incomplete_total", "counter",
           "Texts in parts that were handed on without some of them.", counts->incomplete);
    single(out, "inbound_waiting", "gauge", "Texts that wait for parts.",
           counts->waiting < 0 ? 0 : (uint64_t)counts->waiting);
    single(out, "inbound_unreadable_total", "counter",
           "Texts from a source that is no E.164 number, and PDUs that can't be decoded.",
           counts->unreadable);
    single(out, "late_stops_total", "counter",
           "Opt-outs answered while a submit of another bind was unanswered for two seconds.",
           counts->late_stops);
    family(out, "receipts_total", "counter", "Delivery receipts, by what they fitted.");
    labelled(out, "receipts_total", "fit", "matched", receipts->matched);
    for (enum receipt_match rule = RECEIPT_MATCH_CASE; rule <= RECEIPT_MATCH_PREFIX; rule++)
        labelled(out, "receipts_total", "fit", receipt_match_text(rule), receipts->by_rule[rule]);
    labelled(out, "receipts_total", "fit", "unmatched", receipts->unmatched);
    labelled(out, "receipts_total", "fit", "contradicting", receipts->contradicting);
    single(out, "receipts_missing_total", "counter",
           "Messages whose receipt didn't come within the carrier's receipt_deadline.",
           receipts->missing);
}

/* Of programs that have a form. */
static void forms_write(FILE *out, const struct ask *ask)
{
    const struct programs *programs = ask->gateway->programs;
    family(out, "optin_forms_total", "counter", "Forms that people sent to /optin/PROGRAM, by what came of them.");
    for (size_t i = 0; i < programs_count(programs); i++) {
        const struct program *program = programs_at(programs, i);
        for (enum form_fate fate = 0; program->config->optin && fate < FORM_FATES; fate++) {
            fputs("assent_optin_forms_total{program=\"", out);
            label_put(out, program->config->name);
            fprintf(out, "\",outcome=\"%s\"} %" PRIu64 "\n", form_fate_word(fate),
                    letterbox_counted(http_letterbox(ask->http), program->id, fate));
        }
    }
}

static void suppressions_write(FILE *out, const struct gateway *gateway)
{
    single(out, "carrier_opt_outs_total", "counter",
           "Opt-outs that a carrier told of by a refusal.", settle_opt_outs(gateway->settle));
    family(out, "suppressions_total", "counter", "Suppressions, and opt-outs brought from elsewhere, recorded.");
    for (int kind = 1; kind < SUPPRESSION_KINDS; kind++)
        labelled(out, "suppressions_total", "kind", suppression_word((enum suppression_kind)kind),
                 suppressions_made(gateway->consents, (enum suppression_kind)kind));
}

static void brands_write(FILE *out, const struct gateway *gateway)
{
    const char *brand;
    int64_t used, most;
    family(out, "brand_day_parts", "gauge", "Message parts of a registered brand since its midnight.");
    for (size_t n = 0; (brand = dispatch_brand(gateway->dispatch, n, &used, &most)) != NULL; n++)
        labelled(out, "brand_day_parts", "brand", brand, (uint64_t)used);
    family(out, "brand_day_limit_parts", "gauge", "What the config lets it send a day; 0: no limit.");
    for (size_t n = 0; (brand = dispatch_brand(gateway->dispatch, n, &used, &most)) != NULL; n++)
        labelled(out, "brand_day_limit_parts", "brand", brand, (uint64_t)most);
}

/* Of those that have one. */
static void quotas_write(FILE *out, const struct gateway *gateway)
{
    int64_t now_ms = clock_wall_ms();
    family(out, "account_day_parts", "gauge", "Message parts that an account with a quota has handed in since its midnight.");
    for (size_t i = 0; i < accounts_count(gateway->accounts); i++) {
        const struct account *account = accounts_at(gateway->accounts, i);
        int64_t used = account->quota == 0 || account->revoked_at != 0
                           ? -1
                           : accept_used_today(gateway->accept, account, now_ms);
        if (used >= 0)
            labelled(out, "account_day_parts", "account", account->name, (uint64_t)used);
    }
    family(out, "account_day_limit_parts", "gauge", "Its quota.");
    for (size_t i = 0; i < accounts_count(gateway->accounts); i++) {
        const struct account *account = accounts_at(gateway->accounts, i);
        if (account->quota > 0 && account->revoked_at == 0)
            labelled(out, "account_day_limit_parts", "account", account->name, (uint64_t)account->quota);
    }
}

static bool has_webhooks(const struct account *account)
{
    return account->config != NULL && account->config->callback_url[0] != '\0';
}

static void webhooks_write(FILE *out, const struct gateway *gateway)
{
    const struct courier_counts *counts = courier_counts(gateway->courier);
    family(out, "webhooks_waiting", "gauge", "Events that wait for the account's receiver, counted up to 10,001.");
    for (size_t i = 0; i < accounts_count(gateway->accounts); i++) {
        int64_t oldest_at, waiting = 0;
        const struct account *account = accounts_at(gateway->accounts, i);
        if (has_webhooks(account))
            waiting = store_webhook_waiting(gateway->store, account->name, &oldest_at);
        if (has_webhooks(account) && waiting >= 0)
            labelled(out, "webhooks_waiting", "account", account->name, (uint64_t)waiting);
    }
    family(out, "webhooks_total", "counter",
           "Events that a receiver took, tries that failed, and events that were given up.");
    labelled(out, "webhooks_total", "outcome", "delivered", counts->delivered);
    labelled(out, "webhooks_total", "outcome", "failed", counts->failed);
    labelled(out, "webhooks_total", "outcome", "dead", counts->dead);
    single(out, "webhooks_under_way", "gauge", "Events that are being posted.", counts->under_way);
}

static void verified_write(FILE *out, const struct gateway *gateway)
{
    struct ledger_watched watched;
    ledger_watch_look(gateway->ledger_watch, &watched);
    if (watched.verified_at == 0)
        return;
    single(out, "ledger_verified_records", "gauge", "Records that the gateway has verified, from the first on.",
           (uint64_t)watched.verified_seq);
    single(out, "ledger_verified_timestamp_seconds", "gauge",
           "When the verification came to the ledger's end last, or to a fault, since 1970.", (uint64_t)(watched.verified_at / 1000));
    single(out, "ledger_whole", "gauge", "Whether the chain was whole when it was verified last.", watched.is_whole);
}

static void house_write(FILE *out, const struct ask *ask)
{
    static const char *const classes[] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
    const struct gateway *gateway = ask->gateway;
    char hash[DIGEST_HEX_SIZE];
    family(out, "http_answers_total", "counter", "HTTP answers, by the class of their status.");
    for (size_t i = 2; i < 6; i++)
        labelled(out, "http_answers_total", "status", classes[i],
                 http_counts(ask->http)->answers[i]);
    single(out, "http_pauses_total", "counter", "Times that no connection could be taken.",
           http_counts(ask->http)->pauses);
    single(out, "http_shown_out_total", "counter",
           "Connections ended because they kept the gateway waiting too long, or with too much.",
           http_counts(ask->http)->shown_out);
    single(out, "smpp_sessions", "gauge", "Connections of senders over SMPP.",
           smpp_door_sessions(gateway->smpp_door));
    single(out, "http_addresses_shut_out_total", "counter", "Addresses shut out for wrong API keys.",
           http_shut_out(ask->http));
    single(out, "smpp_shut_out_total", "counter", "Addresses shut out for wrong passwords.",
           smpp_door_shut_out(gateway->smpp_door));
    single(out, "restoration_holds", "gauge",
           "Whether nothing but mandated replies leaves, since the database was restored from a copy.",
           dispatch_all_held_since(gateway->dispatch) != 0);
    single(out, "commits_failed_total", "counter", "Turns that could not be written to disk.",
           gateway->commits_failed);
    single(out, "ledger_records", "gauge", "The ledger's newest sequence.",
           (uint64_t)ledger_head(gateway->ledger, hash));
    verified_write(out, gateway);
    single(out, "wal_bytes", "gauge", "Size of the database's write-ahead log.",
           (uint64_t)store_wal_octets(gateway->store));
    family(out, "commit_seconds", "histogram", "How long a turn's commit took, of those that wrote.");
    histogram_write(out, "commit_seconds", NULL, NULL, &gateway->commits);
    family(out, "build_info", "gauge", "1, with the version.");
    labelled(out, "build_info", "version", ASSENT_VERSION, 1);
}

/* By the names that Prometheus has for every process. What can't be read is left out. */
static void process_write(FILE *out, const struct gateway *gateway)
{
    struct process process;
    if (!process_look(&process))
        return;
    fprintf(out,
            "# HELP process_start_time_seconds When the process started, since 1970.\n"
            "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %.3f\n"
            "# HELP process_cpu_seconds_total CPU time that it used.\n"
            "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.3f\n",
            (double)gateway->started_at / 1000, (double)process.cpu_ms / 1000);
    fprintf(out,
            "# HELP process_resident_memory_bytes Memory that it has.\n"
            "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %" PRIu64 "\n"
            "# HELP process_open_fds Descriptors that are open.\n"
            "# TYPE process_open_fds gauge\nprocess_open_fds %" PRIu64 "\n"
            "# HELP process_max_fds Descriptors that may be.\n"
            "# TYPE process_max_fds gauge\nprocess_max_fds %" PRIu64 "\n",
            process.resident_octets, process.descriptors, process.descriptors_most);
}

void metrics_get(struct ask *ask)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    must(out != NULL);
    messages_write(out, ask->gateway);
    stuck_write(out, ask->gateway);
    carriers_write(out, ask->gateway);
    times_write(out, ask->gateway);
    blocks_write(out, ask->gateway);
    inbound_write(out, ask->gateway);
    forms_write(out, ask);
    suppressions_write(out, ask->gateway);
    brands_write(out, ask->gateway);
    quotas_write(out, ask->gateway);
    webhooks_write(out, ask->gateway);
    house_write(out, ask);
    process_write(out, ask->gateway);
    must(fclose(out) == 0);
    answer_text(ask, 200, "text/plain; version=0.0.4; charset=utf-8",
                region_copy(ask->region, octets_of(text, length)));
    free(text);
}
