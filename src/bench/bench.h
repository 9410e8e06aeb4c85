/* bench: the load driver that the published figures come from. It speaks HTTP and SMPP of its own
 * kind to a gateway on this machine, fills a database with consents to look up, and measures what
 * the storage alone can commit.
 *
 * It is no second door: it talks to loopback addresses only, and nothing lifts that. What it hands
 * in goes through the gateway's gate like everything else, to numbers of the exchange 555. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_PROCESSES  8
#define BENCH_FAULT_SIZE 300

/* What a run did. Times in microseconds; 0 where it was not measured. */
struct bench_figures {
    int64_t taken;      /* answered with yes */
    int64_t refused;    /* answered with no */
    int64_t lost;       /* never answered: the connection ended */
    int64_t receipts;   /* that came back, on SMPP */
    int64_t took_us;    /* from the first request to the last answer */
    int64_t settled_us; /* from the first request until the processes had nothing more to do */
    int64_t p50_us, p99_us, most_us; /* from request to answer; under a rate from when it was due */
    int64_t cpu_us;                  /* of the processes, user and system, until they had settled */
    int64_t memory_kb;               /* resident, all of them, at the end */
    int64_t peak_kb;                 /* the sum of their peaks */
    char refusal[200];               /* the first answer that was no */
};

struct bench_load { /* fills `db` with consents; their confirmation counts as sent */
    const char *db, *program;
    int64_t consents;
};

struct bench_queue { /* puts messages into it that wait: an older queue, beside which one measures */
    const char *db, *program;
    int64_t consents, messages;
};

struct bench_store { /* the rows of a gateway's messages, without a gateway */
    const char *db, *program;
    int64_t consents, messages;
    int64_t batch; /* messages a commit */
};

struct bench_recipients { /* the rows of a campaign's file, without a gateway and without the file */
    const char *db;
    const char *csv; /* the file is written instead; NULL: it isn't */
    int64_t rows;
    int64_t batch; /* rows a commit */
};

struct bench_http {
    const char *host, *port;
    const char *key, *program; /* of POST /v1/messages */
    const char *get;           /* or this path instead, with {to} in it: for other gateways */
    const char *text;
    int64_t consents; /* the recipients are so many different ones */
    int64_t connections, messages;
    int64_t rate;                       /* a second; 0: as fast as answers come */
    int64_t processes[BENCH_PROCESSES]; /* pids of the gateway; 0 ends them */
};

struct bench_batch { /* POST /v1/messages/batch, in NDJSON */
    const char *host, *port, *key, *program, *text;
    int64_t consents, messages;
    int64_t batch; /* messages a request */
    bool is_keyed; /* each with an Idempotency-Key */
    int64_t processes[BENCH_PROCESSES];
};

struct bench_smpp {
    const char *host, *port;
    const char *system_id, *password, *source;
    const char *text;
    int64_t consents;
    int64_t binds, window; /* unanswered ones a bind */
    int64_t messages;
    int64_t rate;
    bool wants_receipts;
    int64_t processes[BENCH_PROCESSES];
};

/* Each runs until it is done. False: `fault` says why it could not; `out` holds what there is. */
bool bench_load_run(const struct bench_load *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE]);
bool bench_queue_run(const struct bench_queue *settings, struct bench_figures *out,
                     char fault[BENCH_FAULT_SIZE]);
bool bench_store_run(const struct bench_store *settings, struct bench_figures *out,
                     char fault[BENCH_FAULT_SIZE]);
bool bench_recipients_run(const struct bench_recipients *settings, struct bench_figures *out,
                          char fault[BENCH_FAULT_SIZE]);
bool bench_http_run(const struct bench_http *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE]);
bool bench_batch_run(const struct bench_batch *settings, struct bench_figures *out,
                     char fault[BENCH_FAULT_SIZE]);
bool bench_smpp_run(const struct bench_smpp *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE]);

#endif
