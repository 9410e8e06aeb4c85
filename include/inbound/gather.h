/* gather: the parts of an inbound text, until they are whole (F295 to F303). Which part of what a PDU is, where it
 * belongs, and what the parts hold together.
 *
 * It remembers nothing itself: sets and parts are the store's, written before their deliver_sm_resp. It reads no
 * words and hands nothing on: that is inbound/inbound.h's. */
#ifndef INBOUND_GATHER_H
#define INBOUND_GATHER_H

#include "smpp/parts.h"
#include "smpp/pdu.h"
#include "smpp/text.h"
#include "store/store.h"

struct region;
struct session;

#define GATHER_KNOWN_MS (INT64_C(72) * 3600000) /* so long the parts of a set are known again (F416) */

/* The kinds of references: each has numbers of its own (F295). They stand in the table. */
enum gather_kind { GATHER_UDH8 = 0, GATHER_UDH16 = 1, GATHER_SAR = 2 };

struct piece {
    struct part_mark mark; /* total 0: it is whole */
    enum gather_kind kind;
    bool has_ports;
    uint16_t destination_port, source_port;
};

/* data: the user data of a deliver_sm or data_sm. What its sender got wrong is counted with the session, and read
 * as if it weren't there. */
void piece_read(const struct pdu *pdu, struct octets data, struct session *session,
                struct piece *out);

enum gather_fate {
    GATHER_FIRST, /* it begins a set */
    GATHER_JOINS, /* it is missing in `set` */
    GATHER_SEEN,  /* `set` has it: the same octets, in `twin` */
    GATHER_ANEW,  /* `set` waits and has another in its place: the reference is used again (F297) */
    GATHER_LATE,  /* `set` was handed on without it, lately */
    GATHER_UNREADABLE
};

struct gather_place {
    enum gather_fate fate;
    struct inbound_set set;
    struct inbound_part twin; /* without its octets */
    bool is_late; /* of GATHER_SEEN: the set was handed on longer than a wait ago */
};

/* like: see store_set_find. wait_ms: how long a set waits for parts, and is open for late ones afterwards. */
void gather_find(struct store *store, struct region *region, const struct inbound_set *like,
                 const struct inbound_part *part, int64_t wait_ms, int64_t now_ms,
                 struct gather_place *out);

/* Parts that follow each other and are read as one (F299): their octets behind the header of the first. */
struct gather_run {
    bool is_behind_gap; /* parts are missing before it */
    uint8_t esm_class, data_coding;
    struct octets octets;
};
struct gathered {
    struct gather_run runs[PARTS_MOST];
    size_t count;
    bool ends_in_gap;
    int parts_came;
};
/* zero: what data_coding 0 means to the carrier; packed septets get an octet each, since each part's begin anew. False: they can't be
 * read. */
bool gather_runs(struct store *store, struct region *region, const struct inbound_set *set,
                 enum text_zero zero, struct gathered *out);

/* The set's text is handed on: what is kept of its parts is which they were. */
void gather_close(struct store *store, struct inbound_set *set, int64_t now_ms);

#endif
