#include "base/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/must.h"

#define RECORD_SIZE 16384 /* of plain octets, at most (RFC 8446 5.1) */

struct tls {
    SSL_CTX *context;
    unsigned shares;
    bool is_server;
    bool verifies;
};

/* kept: octets that were taken. Their record is begun, so nothing else may come before them. */
struct tls_stream {
    SSL *ssl;
    bool is_shaken, is_broken;
    bool awaits_write; /* to read on, or to shake on */
    uint8_t *kept;
    size_t kept_length;
    char fault[200];
};

/* ---- contexts ---- */

static bool is_given(const char *file)
{
    return file != NULL && file[0] != '\0';
}

/* The newest of OpenSSL's complaints, in its words. */
static const char *last_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    return words == NULL ? "no reason is known" : words;
}

static bool refuse(struct tls_fault *fault, const char *file, const char *what)
{
    fault->file = file;
    snprintf(fault->why, sizeof fault->why, "%s (%s)", what, last_words());
    return false;
}

/* OpenSSL's own words for a file that isn't there are less clear. */
static bool file_opens(const char *file, struct tls_fault *fault)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    fault->file = file;
    snprintf(fault->why, sizeof fault->why, "can't be read: %s", strerror(errno));
    return false;
}

/* OpenSSL would ask the terminal. */
static int no_passphrase(char *out, int size, int is_writing, void *owner)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)owner;
    return -1;
}

static bool load_identity(SSL_CTX *context, const struct tls_files *files, struct tls_fault *fault)
{
    if (!file_opens(files->certificate, fault) || !file_opens(files->private_key, fault))
        return false;
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        return refuse(fault, files->certificate, "holds no certificate in PEM");
    if (SSL_CTX_use_PrivateKey_file(context, files->private_key, SSL_FILETYPE_PEM) != 1) {
        bool is_other = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509;
        return refuse(fault, files->private_key,
                      is_other ? "is not the key of the certificate"
                               : "holds no private key in PEM, or one behind a passphrase");
    }
    return true;
}

static bool load_authorities(SSL_CTX *context, const char *file, struct tls_fault *fault)
{
    if (!is_given(file))
        return SSL_CTX_set_default_verify_paths(context) == 1 ||
               refuse(fault, "the system's authorities", "can't be read");
    if (!file_opens(file, fault))
        return false;
    return SSL_CTX_load_verify_file(context, file) == 1 ||
           refuse(fault, file, "holds no certificate in PEM");
}

/* No renegotiation: so a write never waits for something to read. A peer that closes without a
 * goodbye has closed: where a PDU or a request ends, its length says. */
static struct tls *tls_new(const SSL_METHOD *method)
{
    struct tls *tls = mem_new(sizeof *tls);
    tls->shares = 1;
    tls->context = SSL_CTX_new(method);
    must(tls->context != NULL);
    must(SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) == 1);
    SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(tls->context, SSL_MODE_AUTO_RETRY); /* others want to be heard too */
    SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
    ERR_clear_error();
    return tls;
}

static bool ask_clients(SSL_CTX *context, const char *file, struct tls_fault *fault)
{
    if (!is_given(file))
        return true;
    if (!load_authorities(context, file, fault))
        return false;
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return true;
}

struct tls *tls_open_server(const struct tls_files *files, struct tls_fault *fault)
{
    must(is_given(files->certificate) && is_given(files->private_key));
    struct tls *tls = tls_new(TLS_server_method());
    tls->is_server = true;
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
    if (load_identity(tls->context, files, fault) &&
        ask_clients(tls->context, files->authorities, fault))
        return tls;
    tls_close(tls);
    return NULL;
}

struct tls *tls_open_client(const struct tls_files *files, bool verifies, struct tls_fault *fault)
{
    must(is_given(files->certificate) == is_given(files->private_key));
    struct tls *tls = tls_new(TLS_client_method());
    tls->verifies = verifies;
    SSL_CTX_set_verify(tls->context, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (load_authorities(tls->context, files->authorities, fault) &&
        (!is_given(files->certificate) || load_identity(tls->context, files, fault)))
        return tls;
    tls_close(tls);
    return NULL;
}

struct tls *tls_share(struct tls *tls)
{
    if (tls != NULL)
        tls->shares++;
    return tls;
}

void tls_close(struct tls *tls)
{
    if (tls == NULL || --tls->shares > 0)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

struct bufferevent *tls_bufferevent_new(struct tls *tls, struct event_base *events)
{
    must(tls->is_server);
    SSL *ssl = SSL_new(tls->context);
    must(ssl != NULL);
    struct bufferevent *made = bufferevent_openssl_socket_new(
        events, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    must(made != NULL);
    return made;
}

bool tls_bufferevent_heard_http(struct bufferevent *stream)
{
    unsigned long error;
    bool is_http = false;
    while ((error = bufferevent_get_openssl_error(stream)) != 0)
        is_http = is_http || ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    return is_http;
}

/* ---- streams ---- */

/* For whom the certificate must be. An address is in it as an address, and is not said ahead
 * (RFC 6066 3). */
static void expect_host(SSL *ssl, const char *host)
{
    uint8_t scratch[sizeof(struct in6_addr)];
    X509_VERIFY_PARAM *expected = SSL_get0_param(ssl);
    bool is_address =
        inet_pton(AF_INET, host, scratch) == 1 || inet_pton(AF_INET6, host, scratch) == 1;
    if (is_address) {
        must(X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1);
        return;
    }
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    must(X509_VERIFY_PARAM_set1_host(expected, host, 0) == 1);
    char *said = mem_text(host);
    must(SSL_set_tlsext_host_name(ssl, said) == 1); /* which copies it */
    free(said);
}

struct tls_stream *tls_stream_new(struct tls *tls, int fd, const char *host)
{
    struct tls_stream *stream = mem_new(sizeof *stream);
    stream->ssl = SSL_new(tls->context);
    must(stream->ssl != NULL && SSL_set_fd(stream->ssl, fd) == 1);
    if (tls->is_server) {
        SSL_set_accept_state(stream->ssl);
        return stream;
    }
    must(host != NULL);
    SSL_set_connect_state(stream->ssl);
    expect_host(stream->ssl, host);
    return stream;
}

void tls_stream_free(struct tls_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->is_shaken)
        tls_stream_flush(stream);
    ERR_clear_error();
    if (stream->is_shaken && !stream->is_broken && stream->kept_length == 0)
        SSL_shutdown(stream->ssl);
    SSL_free(stream->ssl);
    free(stream->kept);
    free(stream);
}

/* Why the handshake or the stream failed, in words for people. */
static void explain(struct tls_stream *stream, int error, int system_error)
{
    const char *words = last_words();
    int reason = ERR_GET_REASON(ERR_peek_last_error());
    if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN)
        words = system_error != 0 ? strerror(system_error) : "the peer closed the connection";
    else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        words = X509_verify_cert_error_string(SSL_get_verify_result(stream->ssl));
    else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
        words = "what came is not TLS";
    snprintf(stream->fault, sizeof stream->fault, "%s%s",
             reason == SSL_R_CERTIFICATE_VERIFY_FAILED ? "its certificate is refused: " : "TLS: ",
             words);
}

/* What a call of OpenSSL's that moved nothing means. */
static enum link_result judge(struct tls_stream *stream, int result)
{
    int system_error = errno;
    int error = SSL_get_error(stream->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return LINK_LATER;
    if (error == SSL_ERROR_ZERO_RETURN && stream->is_shaken)
        return LINK_ENDED;
    explain(stream, error, system_error);
    ERR_clear_error();
    stream->is_broken = true;
    stream->kept_length = 0; /* it will never leave */
    errno = EPROTO;
    return LINK_FAILED;
}

static enum link_result still_broken(void)
{
    errno = EPROTO;
    return LINK_FAILED;
}

enum link_result tls_stream_shake(struct tls_stream *stream)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(stream->ssl);
    stream->awaits_write = result != 1 && SSL_want_write(stream->ssl);
    stream->is_shaken = result == 1;
    return result == 1 ? LINK_OK : judge(stream, result);
}

enum link_result tls_stream_read(struct tls_stream *stream, void *out, size_t size, size_t *got)
{
    *got = 0;
    if (stream->is_broken)
        return still_broken();
    ERR_clear_error();
    errno = 0;
    int result = SSL_read_ex(stream->ssl, out, size, got);
    stream->awaits_write = result != 1 && SSL_want_write(stream->ssl);
    return result == 1 ? LINK_OK : judge(stream, result);
}

/* Retried with the same octets, as OpenSSL wants it. */
void tls_stream_flush(struct tls_stream *stream)
{
    stream->awaits_write = false;
    while (stream->kept_length > 0) {
        size_t count = 0;
        ERR_clear_error();
        errno = 0;
        int result = SSL_write_ex(stream->ssl, stream->kept, stream->kept_length, &count);
        if (result != 1) {
            judge(stream, result);
            return;
        }
        stream->kept_length -= count;
        memmove(stream->kept, stream->kept + count, stream->kept_length);
    }
}

/* OpenSSL has made a record of these octets and wants them again until it has left. Our caller may
 * come with others next time, since it takes back what it believes not to have left. */
static void keep(struct tls_stream *stream, struct octets from)
{
    if (stream->kept == NULL)
        stream->kept = mem_new(RECORD_SIZE);
    memcpy(stream->kept, from.at, from.length);
    stream->kept_length = from.length;
}

enum link_result tls_stream_write(struct tls_stream *stream, struct octets from, size_t *taken)
{
    *taken = 0;
    if (!stream->is_broken)
        tls_stream_flush(stream);
    if (stream->is_broken)
        return still_broken();
    if (stream->kept_length > 0)
        return LINK_LATER;
    if (from.length > RECORD_SIZE)
        from.length = RECORD_SIZE;
    ERR_clear_error();
    errno = 0;
    int result = SSL_write_ex(stream->ssl, from.at, from.length, taken);
    if (result == 1)
        return LINK_OK;
    *taken = 0;
    enum link_result why = judge(stream, result);
    if (why != LINK_LATER)
        return LINK_FAILED;
    keep(stream, from);
    *taken = from.length;
    return LINK_OK;
}

bool tls_stream_has_left(const struct tls_stream *stream)
{
    return stream->kept_length == 0;
}

bool tls_stream_wants_read(const struct tls_stream *stream)
{
    return !stream->awaits_write;
}

bool tls_stream_wants_write(const struct tls_stream *stream)
{
    return stream->awaits_write || stream->kept_length > 0;
}

bool tls_stream_has_more(const struct tls_stream *stream)
{
    return !stream->is_broken && SSL_pending(stream->ssl) > 0;
}

const char *tls_stream_fault(const struct tls_stream *stream)
{
    return stream->fault;
}
