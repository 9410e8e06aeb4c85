/* client: the gateway's HTTP API, asked from the terminal. One connection for one question, up to
 * CLIENT_FLIGHT kept ones for many. It knows no resource: paths and bodies are the commands'.
 *
 * 429 and 503 took nothing: those calls are tried again, with a growing delay. So is one that is
 * repeatable, when its connection breaks, for two minutes at most. Where nothing ever answered, and
 * nothing of the call can have been heard, there is no gateway, and no other try. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CLIENT_FLIGHT     32
#define CLIENT_ERROR_SIZE 400
#define CLIENT_URL        "http://127.0.0.1:8080"

struct client;

/* --ca FILE, for all that is asked: the authorities that an https gateway's certificate is judged
 * by, a PEM file. NULL: ASSENT_CA; without it, those of the system. */
extern const char *client_ca;

/* NULL for url or key: ASSENT_URL, ASSENT_API_KEY; without ASSENT_URL, CLIENT_URL. NULL: they are
 * nothing to ask with, and `error` says why. */
struct client *client_open(const char *url, const char *key, char error[CLIENT_ERROR_SIZE]);
void client_close(struct client *client); /* NULL is allowed */
const char *client_url(const struct client *client);
/* The same for a command: says on stderr what is wrong, which is CLI_USAGE then. */
struct client *client_open_for(const char *command, const char *url, const char *key);

/* What came back. Whoever asked by client_ask wipes it. */
struct answer {
    int status;                    /* of HTTP; 0: none came */
    json_t *body;                  /* NULL: it was no JSON */
    char error[CLIENT_ERROR_SIZE]; /* status 0: one line for people */
    bool is_in_doubt; /* it may have been heard, and what came of it isn't known */
};

void answer_wipe(struct answer *answer);
bool answer_is_good(const struct answer *answer); /* 2xx, with JSON */
/* The stable code of a problem, "http_500" where the answer has none, "unanswered" where none came. Borrowed from `room`. */
const char *answer_code(const struct answer *answer, char room[16]);
/* One line for people, whatever came: "No recorded opt-in (no_consent): …". */
void answer_explain(const struct answer *answer, char out[CLIENT_ERROR_SIZE]);

/* One request. The texts and `row`, one block of memory that the caller may hang on it, are the
 * call's own: the client frees them when the call is over, however it ended. */
struct call {
    const char *method; /* a literal */
    char *path;
    char *body;            /* NULL: none */
    const char *content_type; /* a literal; NULL: the body is JSON, and ends with its NUL */
    size_t length;            /* of the body, where it is another */
    char *idempotency_key; /* NULL: none */
    bool is_repeatable;    /* heard twice, it counts once */
    void *row;
};

/* Asks one thing and waits for the answer. `body` is borrowed, NULL for none. GET and DELETE are
 * repeatable, and nothing else. */
struct answer client_ask(struct client *client, const char *method, const char *path,
                         const json_t *body);
struct answer client_ask_call(struct client *client, struct call call);

/* An idempotency key that nobody has: with it a POST is repeatable. The caller frees it. */
char *client_new_key(void);

enum client_next {
    CLIENT_CALL,  /* `call` is filled in */
    CLIENT_LATER, /* nothing now: ask again after the next answer, or in a moment */
    CLIENT_END
};

/* Where many calls come from, and where their answers go. */
struct client_work {
    enum client_next (*next)(void *owner, struct call *call);
    /* False ends it: nothing new is begun. Called in the order of the answers. */
    bool (*done)(void *owner, struct call *call, const struct answer *answer);
    void *owner;
};

enum client_end {
    CLIENT_ALL_DONE,   /* the work said CLIENT_END, and all is answered */
    CLIENT_STOPPED,    /* by `done` */
    CLIENT_BROKEN,     /* a call got no answer, whatever was tried: `done` never heard of it */
    CLIENT_INTERRUPTED /* ^C; what was in flight is given up */
};

/* `error` is filled in for CLIENT_BROKEN. */
enum client_end client_run(struct client *client, const struct client_work *work,
                           char error[CLIENT_ERROR_SIZE]);

/* A path of the API with its query: pairs of name and value after `path`, ended by NULL; a pair
 * whose value is NULL is left out. The caller frees it. */
char *client_path(const char *path, ...) __attribute__((sentinel));
/* "/v1/consents/" and a number as somebody typed it, and "/revoke" or "". The caller frees it. */
char *client_path_of(const char *collection, const char *item, const char *behind);

/* Reads a list page by page and gives the items as one array, at most `limit` (0: all). NULL:
 * `error` says why. `path` may have a query. The caller owns the array. */
json_t *client_list(struct client *client, const char *path, size_t limit,
                    char error[CLIENT_ERROR_SIZE]);

#endif
