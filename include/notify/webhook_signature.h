/* webhook_signature: how a receiver knows that an event is ours: Standard Webhooks, HMAC-SHA256 ("v1"). Pure. */
#ifndef NOTIFY_WEBHOOK_SIGNATURE_H
#define NOTIFY_WEBHOOK_SIGNATURE_H

#include <stdint.h>

#include "base/octets.h"

#define WEBHOOK_SIGNATURES_SIZE 128 /* room for two */

/* "v1,BASE64", one for each secret that isn't "", parted by a blank. A secret that begins with whsec_ is base64 behind that,
 * any other is its own octets (a whsec_ that is no base64 as well). */
void webhook_sign(const char *const secrets[2], const char *id, int64_t at_s, struct octets body,
                  char out[WEBHOOK_SIGNATURES_SIZE]);

#endif
