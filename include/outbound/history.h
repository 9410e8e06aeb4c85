/* history: the bins of the gateway and of its carriers, closed once a minute. It changes nothing but them. */
#ifndef OUTBOUND_HISTORY_H
#define OUTBOUND_HISTORY_H

#include "outbound/bins.h"

struct carriers;
struct dispatch;
struct history;
struct loop;

struct history *history_open(struct loop *loop, struct carriers *carriers, struct dispatch *dispatch);
void history_close(struct history *history); /* NULL is allowed */

const struct bins *history_bins(const struct history *history); /* of the gateway; a carrier has its own */
/* When the newest bin ended, on the wall's clock as it is now. */
int64_t history_end(const struct history *history, bool is_coarse, int64_t now_ms);

#endif
