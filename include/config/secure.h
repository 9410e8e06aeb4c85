/* secure: what the settings say about TLS, made into contexts of base/tls.h. The load makes them
 * once to see that they can be made; whoever uses them makes their own. */
#ifndef CONFIG_SECURE_H
#define CONFIG_SECURE_H

#include <stdbool.h>

#include "base/tls.h"
#include "config/config.h"

/* *out: NULL where the settings ask for no TLS; the caller owns it. False: `fault` says why not;
 * its file is one of the settings' texts, or the system's authorities. */
bool secure_listener(const struct config_listener *listener, struct tls **out,
                     struct tls_fault *fault);
bool secure_carrier(const struct config_carrier *carrier, struct tls **out,
                    struct tls_fault *fault);
/* Only whether its authorities can be read: libcurl reads them itself. */
bool secure_callbacks(const struct config_callbacks *callbacks, struct tls_fault *fault);

/* All that a config says about TLS, read before any of it is used. */
struct secured {
    struct tls *http, *smpp;
    struct tls **carriers; /* in the config's order */
    size_t carrier_count;
};
/* False: `error` (of `size`) says whose file can't be used and why, and there is nothing to wipe. */
bool secured_open(const struct config *config, struct secured *out, char *error, size_t size);
void secured_wipe(struct secured *secured); /* who goes on using a context has a share of it */

#endif
