/* smpp_door: the ESME-facing side: senders bind, submit, and get receipts and texts. */
#ifndef DOORS_SMPP_DOOR_H
#define DOORS_SMPP_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gateway;
struct deviations;
struct smpp_door;
struct tls;

struct smpp_door *smpp_door_open(struct gateway *gateway, struct tls *tls, char *error);
/* The connections to come speak TLS by this, of which it takes a share; NULL: plain TCP. */
void smpp_door_secure(struct smpp_door *door, struct tls *tls);
/* The accounts are others now. */
void smpp_door_configured(struct smpp_door *door);
void smpp_door_close(struct smpp_door *door);
const char *smpp_door_address(const struct smpp_door *door);
void smpp_door_stop(struct smpp_door *door); /* unbinds everybody, takes nobody new */

/* A LOOP_DISPATCH stage: what waits for accounts with a receiver leaves. */
void smpp_door_turn(void *door);
void smpp_door_committed(struct smpp_door *door);
void smpp_door_rolled_back(struct smpp_door *door); /* what was answered in this turn gets ESME_RSYSERR */
/* How often an address was shut out for its wrong passwords. */
uint64_t smpp_door_shut_out(const struct smpp_door *door);
/* Of each account whose sessions deviated, with those that live; NULL: of whoever logged in as nobody. */
void smpp_door_deviations(const struct smpp_door *door,
                          void (*each)(void *who, const char *account, const struct deviations *deviations), void *who);
size_t smpp_door_sessions(const struct smpp_door *door);

#endif
