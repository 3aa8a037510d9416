/* The misbehaving server of server.py, for a test: starts it in a folder, tells its address, and what it was
 * asked. */
#ifndef FS_TESTS_REGISTRY_WEB_H
#define FS_TESTS_REGISTRY_WEB_H

/* Serves the files of `folder`; the test fails when the server does not start. */
void web_start(const char *folder);
/* The same by HTTPS too, with a certificate that it signs itself and writes to `certificate`. */
void web_start_encrypted(const char *folder, const char *certificate);
void web_stop(void);
/* http://127.0.0.1:PORT/BEHAVIOUR/NAME; valid until the next call. */
const char *web_url(const char *behaviour, const char *name);
/* https://HOST:PORT/BEHAVIOUR/NAME, likewise; the certificate is for the host 127.0.0.1 alone. */
const char *web_url_encrypted(const char *host, const char *behaviour, const char *name);
/* The requests since the last call, one "BEHAVIOUR NAME RANGE" a line, by HTTPS "tls:BEHAVIOUR ..."; valid
 * until the next call. */
const char *web_log(void);

#endif
