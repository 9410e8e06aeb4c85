#include "config/secure.h"

bool secure_listener(const struct config_listener *listener, struct tls **out,
                     struct tls_fault *fault)
{
    struct tls_files files = {.certificate = listener->certificate,
                              .private_key = listener->private_key};
    *out = NULL;
    if (listener->certificate[0] == '\0')
        return true;
    *out = tls_open_server(&files, fault);
    return *out != NULL;
}

bool secure_carrier(const struct config_carrier *carrier, struct tls **out, struct tls_fault *fault)
{
    struct tls_files files = {.certificate = carrier->certificate,
                              .private_key = carrier->private_key,
                              .authorities = carrier->ca_file};
    *out = NULL;
    if (!carrier->tls)
        return true;
    *out = tls_open_client(&files, carrier->verify, fault);
    return *out != NULL;
}
