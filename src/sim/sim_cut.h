/* sim_cut: a text that a phone writes in parts, and how its carrier delivers them: in any order, some twice, some
 * never. It knows nothing of the gateway's parts. */
#ifndef SIM_CUT_H
#define SIM_CUT_H

#include "src/sim/sim_post.h"

#define SIM_CUT_MOST 64 /* parts, and deliveries of them */

struct sim_cut {
    unsigned parts; /* 0: it is whole */
    enum sim_join join;
    uint16_t reference;
    unsigned order[SIM_CUT_MOST]; /* which part is delivered when */
    size_t count;                 /* 0: each once, in order */
};

/* "3,1,1" and so on; whether its parts are there is found when it is posted. */
bool sim_cut_order(struct sim_cut *cut, const char *words);
bool sim_cut_join(struct sim_cut *cut, const char *word); /* udh8, udh16, sar */

/* deliver: the whole; `header` are the octets of its text that are a user data header. NULL: all parts are sent,
 * with number and connection of the last; else why not (what was sent before is sent). */
const char *sim_cut_post(struct sim_post *post, const struct sim_deliver *deliver, size_t header,
                         const struct sim_cut *cut, uint64_t *mo, uint64_t *bind);

#endif
