/* gateway: the running house: every room's one object, opened in the order in which they need each other, and
 * the turn that binds them: hear, dispatch, commit, release. It decides nothing itself. */
#ifndef DOORS_GATEWAY_H
#define DOORS_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/loop.h"
#include "outbound/restoration.h"

struct gateway {
    const struct config *config;
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    struct ledger_watch *ledger_watch;
    struct sign_key *sign_key; /* NULL: heads are not signed */
    struct programs *programs;
    struct accounts *accounts;
    struct consents *consents;
    struct carriers *carriers;
    struct courier *courier;
    struct notify *notify;
    struct settle *settle;
    struct receipts *receipts;
    struct dispatch *dispatch;
    struct watch *watch;
    struct history *history;
    struct accept *accept;
    struct campaigns *campaigns;
    struct replies *replies;
    struct inbounds *inbounds;
    struct http *http;
    struct smpp_door *smpp_door;
    struct timer head_timer, erasure_timer, end_timer;
    int64_t started_at, started_mono_ms;
    uint64_t commits_failed;
    struct histogram commits; /* how long those that wrote took */
    uint64_t reloaded_turn; /* whose programs are on disk once it is committed */
    bool is_leaving;
    int64_t end_at_ms; /* monotonic: when it ends, whatever is open */
    bool is_lost; /* the disk's state isn't known: the process must end */
};

#define GATEWAY_ERROR_SIZE 500

/* Borrows the config. NULL: `error` says why, in words for people. */
struct gateway *gateway_open(const struct config *config, char error[GATEWAY_ERROR_SIZE]);
/* "127.0.0.1:8080", with the port that was taken where the config says 0. */
const char *gateway_http_address(const struct gateway *gateway);
const char *gateway_smpp_address(const struct gateway *gateway);
/* Turns, until gateway_stop has finished. False: it ended since the disk's state isn't known. */
bool gateway_run(struct gateway *gateway);
/* Goes over to another config: all of it but where the doors listen and the database. Files of TLS are read anew, also
 * where their names are the same. Messages stay, and so do the binds of what is the same. Borrows it; the old one is
 * the caller's again once this turn has ended. False: nothing changed, and `error` says why. */
bool gateway_reload(struct gateway *gateway, const struct config *config,
                    char error[GATEWAY_ERROR_SIZE]);
/* No new work; open submits are awaited for up to 5 s; unbinds; then gateway_run returns. Twice: at once. */
void gateway_stop(struct gateway *gateway);
/* Who takes part in going on from a copy. */
struct restorer gateway_restorer(struct gateway *gateway);
void gateway_close(struct gateway *gateway);

#endif
