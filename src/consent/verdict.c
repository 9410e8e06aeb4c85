#include "consent/verdict.h"

#include "base/must.h"

static const struct verdict_row rows[VERDICTS] = {
    [VERDICT_ALLOWED] = {.code = "allowed", .http_status = 202, .title = "Allowed"},
#define VERDICT_BLOCK(name, code, smpp_status, http_status, title)                                 \
    [VERDICT_##name] = {code, smpp_status, http_status, title, true},
#define VERDICT_FAULT(name, code, smpp_status, http_status, title)                                 \
    [VERDICT_##name] = {code, smpp_status, http_status, title, false},
#include "proto/verdict.def"
};

const struct verdict_row *verdict_row(enum verdict verdict)
{
    must(verdict > VERDICT_ALLOWED && verdict < VERDICTS);
    return &rows[verdict];
}

enum verdict verdict_find(struct octets code)
{
    for (int i = VERDICT_ALLOWED + 1; i < VERDICTS; i++)
        if (octets_equal(octets_text(rows[i].code), code))
            return (enum verdict)i;
    return VERDICT_ALLOWED;
}
