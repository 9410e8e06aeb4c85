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

#endif
