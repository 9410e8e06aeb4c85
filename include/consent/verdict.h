/* verdict: yes, or which no. The rows are proto/verdict.def; every door shows the same codes. */
#ifndef CONSENT_VERDICT_H
#define CONSENT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

enum verdict {
    VERDICT_ALLOWED,
#define VERDICT_BLOCK(name, code, smpp_status, http_status, title) VERDICT_##name,
#define VERDICT_FAULT(name, code, smpp_status, http_status, title) VERDICT_##name,
#include "proto/verdict.def"
    VERDICTS
};

struct verdict_row {
    const char *code;
    uint32_t smpp_status;
    int http_status;
    const char *title;
    bool is_block; /* the gate said it: it is in the block log */
};

const struct verdict_row *verdict_row(enum verdict verdict); /* not of VERDICT_ALLOWED */
enum verdict verdict_find(struct octets code);               /* VERDICT_ALLOWED: no such code */

#endif
