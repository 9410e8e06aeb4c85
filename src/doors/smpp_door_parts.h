/* smpp_door_parts: the inside of the door for senders that speak SMPP, shared by the files
 * smpp_*.c:
 *
 *   smpp_door.c      connections: who may come in, which request goes where, the answers of a turn
 *   smpp_submit.c    a submit_sm becomes an offer, and what comes of it its answer
 *   smpp_multi.c     a submit_multi becomes an offer for each destination, and its answer one
 *   smpp_manage.c    what became of a message, and taking it back: query_sm, cancel_sm
 *   smpp_replace.c   another text in the place of one that has not left: replace_sm
 *   smpp_deliver.c   a receipt, or what a person wrote, becomes a deliver_sm
 *   smpp_outbind.c   calls an account whose receiver is away, so that it binds
 *   smpp_deviants.c  what senders did against the protocol, by account
 *   smpp_handover.c  which of these goes to which receiver now, and what its answer means
 */
#ifndef DOORS_SMPP_DOOR_PARTS_H
#define DOORS_SMPP_DOOR_PARTS_H

#include <sys/queue.h>

#include "base/loop.h"
#include "doors/gateway.h"
#include "doors/smpp_door.h"
#include "outbound/accept.h"
#include "outbound/deviations.h"
#include "smpp/parts.h"
#include "smpp/session.h"
#include "store/store.h"

struct caller;
struct deviant;
struct guard;
struct tray;

/* One connection. It outlives its session until the turn ends. */
struct client {
    TAILQ_ENTRY(client) line;     /* of the door */
    TAILQ_ENTRY(client) receiver; /* of its tray */
    struct smpp_door *door;
    struct session *session; /* NULL: closed */
    char *account;           /* its name, since accounts can be read anew; NULL: not bound */
    uint32_t bound_by;       /* the command; 0: not bound */
    char *system_id;         /* that it logged in with */
    struct config_digest password;
    char *called;            /* the account that we called, and that alone may bind; NULL: it came by itself */
    struct tray *tray;       /* of its account, where it is bound as a receiver; else NULL */
    struct timer end;        /* of one that may not bind */
};
TAILQ_HEAD(client_list, client);

/* A request that was answered in this turn; its client lives at least as long as the turn. */
struct answered {
    struct client *client;
    uint32_t command_id, sequence_number;
};

struct smpp_door {
    struct gateway *gateway;
    struct listener *listener; /* NULL: nobody new comes in */
    struct tls *tls; /* NULL: plain TCP */
    struct guard *guard;
    struct deviant *deviants; /* whose sessions that are over deviated */
    size_t deviant_count;
    char *address;
    struct client_list clients;
    size_t client_count, bound_count;
    uint64_t next_name;
    struct answered *answered;
    size_t answered_count, answered_room;
    TAILQ_HEAD(, tray) trays;
    TAILQ_HEAD(, caller) callers;
    bool has_work;    /* a tray is awake */
    bool has_removed; /* rows, in this turn */
};

/* ---- smpp_door.c */

/* As session_answer, and noted: if the turn's commit fails, the request gets ESME_RSYSERR instead.
 */
void client_answer(struct client *client, const struct pdu *request, const struct pdu *answer);
/* text: what a 5.0 client may read about it. */
void client_refuse(struct client *client, const struct pdu *request, uint32_t status,
                   const char *text);

struct client *client_new(struct smpp_door *door);
bool door_is_full(const struct smpp_door *door);
extern const struct session_events client_events;

/* ---- smpp_outbind.c */

/* Takes over whom the config lets us call; what waits for them from before is looked at. */
void outbind_configure(struct smpp_door *door);
/* Something waits for the account, and no receiver is there. */
void outbind_wants(struct smpp_door *door, const char *account);
void outbind_bound(struct client *client);
void outbind_closed(struct client *client);
void outbind_stop(struct smpp_door *door);

/* ---- smpp_submit.c */

/* A submit_sm, or a data_sm, which is one with fewer fields. */
void submit_heard(struct client *client, const struct pdu *pdu);

struct submit_place {    /* where and when it is read */
    const char *country; /* of national numbers */
    uint8_t version;     /* of the session */
    int64_t now_ms;
    struct region *region;
};

struct refusal {
    uint32_t status;
    const char *text;
};

/* What a submit_sm asks for. `offer` comes with its account; its texts are the region's or the
 * account's. False: `refusal` says why. */
bool submit_read(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                 struct refusal *refusal);
/* The same in pieces, for a submit_multi and a replace_sm. */
bool submit_read_number(uint8_t ton, struct octets address, const struct submit_place *place,
                        struct offer *offer, struct refusal *refusal);
bool submit_read_rest(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                      struct refusal *refusal);
bool submit_read_text(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                      struct refusal *refusal);
bool submit_read_times(const struct pdu *pdu, const struct submit_place *place,
                       struct offer *offer, struct refusal *refusal);
unsigned submit_receipts(const struct pdu *pdu, uint8_t version); /* enum receipt_wish */

/* Where and for whom it is read. False: nothing is taken now, or not of this client. */
bool submit_begin(const struct client *client, struct submit_place *place, struct offer *offer,
                  struct refusal *refusal);
/* What the client may name the message by later, beside its id. multi: as in struct submit. */
void submit_keep(struct client *client, const struct pdu *pdu, const struct acceptance *taken,
                 int64_t multi);
/* A 3.3 client has room for eight digits of an id (F322). Without a short one it hears of an empty
 * id: the message is taken, and an error would bring it again (F115). */
void submit_write_id(struct client *client, const struct acceptance *taken, int64_t now_ms,
                     char id[MESSAGE_ID_SIZE]);
void submit_log_refused(const struct client *client, uint64_t number, uint32_t status,
                        const char *why, const char *detail);

/* ---- smpp_multi.c */

void multi_heard(struct client *client, const struct pdu *pdu);

/* ---- smpp_manage.c */

void query_heard(struct client *client, const struct pdu *pdu);
void cancel_heard(struct client *client, const struct pdu *pdu);

/* What a request means by its message_id and source: a message, or those of a submit_multi. */
struct named {
    struct message *at; /* the region's */
    size_t count;       /* one at least */
};
enum store_result manage_find(const struct client *client, const struct pdu *pdu,
                              struct named *out);

/* ---- smpp_replace.c */

void replace_heard(struct client *client, const struct pdu *pdu);

/* ---- smpp_deliver.c */

#define DELIVERY_ADDRESS_SIZE 21 /* source_addr with its NUL (3.4 4.6.1) */

struct delivery_address {
    uint8_t ton, npi;
    char text[DELIVERY_ADDRESS_SIZE];
};

/* A deliver_sm, but for what depends on the receiver. */
struct delivery {
    struct delivery_address source, destination;
    enum text_alphabet alphabet;
    struct octets text;       /* encoded; the region's */
    uint8_t reference;        /* of its parts, if it is cut */
    bool has_ports;           /* of an application (F276) */
    uint16_t destination_port, source_port;
    const char *receipted_id; /* of a receipt; else NULL */
    uint8_t state;            /* the message_state of a receipt */
};

/* short_id: what the sender was given in the place of the long one; 0: nothing. */
void delivery_of_receipt(const struct handover *row, const struct message *message,
                         uint32_t short_id, int64_t now_ms, struct region *region,
                         struct delivery *out);
void delivery_of_text(const struct inbound *inbound, struct region *region, struct delivery *out);
/* The same of what is no text: its octets as they came, as 8 bit data. */
void delivery_of_data(const struct inbound *inbound, const struct inbound_data *data,
                      struct region *region, struct delivery *out);

struct delivery_frame {
    struct pdu pdu; /* its TLVs and its part are those below */
    struct tlv tlvs[3];
    uint8_t room[2][4];
    struct part part;
    unsigned parts; /* how many such frames the receiver gets */
    bool is_cut;    /* the text is longer than its parts can be */
};

/* The frame of one part, from 1. It borrows from the delivery. */
void delivery_frame(const struct delivery *delivery, bool takes_tlvs, unsigned part,
                    struct delivery_frame *out);

/* ---- smpp_handover.c */

/* The client is bound as a receiver. / It is no more. */
bool handover_has_receiver(const struct smpp_door *door, const char *account);
void handover_join(struct client *client);
void handover_leave(struct client *client);
void handover_answered(struct client *client, uint64_t tag, enum session_fate fate,
                       const struct pdu *response);
/* Wired to notify_listen. */
void handover_waits(void *door, const char *account);
void handover_turn(struct smpp_door *door);
void handover_committed(struct smpp_door *door);
void handover_rolled_back(struct smpp_door *door);
void handover_close(struct smpp_door *door);

/* ---- smpp_deviants.c */

void deviants_keep(struct client *client); /* its session is over */
void deviants_wipe(struct smpp_door *door);

#endif
