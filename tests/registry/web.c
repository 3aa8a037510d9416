#include "web.h"

#include "base/helpers.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    pid_t process;
    int input; /* the server lives while this is open */
    int port, encrypted_port;
    char log[64];
    long seen; /* bytes of the log that were told */
} web;

static void become_server(const char *folder, const char *certificate, int input, int output) {
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    unsetenv("LD_PRELOAD");
    execlp("python3", "python3", FS_SERVER, folder, web.log, certificate, (char *)NULL);
    _exit(127);
}

void web_start_encrypted(const char *folder, const char *certificate) {
    int to[2], from[2];
    char line[64] = "";
    snprintf(web.log, sizeof web.log, "requests-%d.log", (int)getpid());
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    web.process = fork();
    if (web.process == 0) {
        close(to[1]);
        become_server(folder, certificate, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    web.input = to[1];
    FILE *output = fdopen(from[0], "r");
    assert_non_null(fgets(line, sizeof line, output));
    fclose(output);
    const int ports = sscanf(line, "%d %d", &web.port, &web.encrypted_port);
    assert_int_equal(ports, certificate ? 2 : 1);
}

void web_start(const char *folder) {
    web_start_encrypted(folder, NULL);
}

void web_stop(void) {
    close(web.input);
    waitpid(web.process, NULL, 0);
    unlink(web.log);
}

const char *web_url(const char *behaviour, const char *name) {
    static char url[256];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/%s/%s", web.port, behaviour, name);
    return url;
}

const char *web_url_encrypted(const char *host, const char *behaviour, const char *name) {
    static char url[256];
    snprintf(url, sizeof url, "https://%s:%d/%s/%s", host, web.encrypted_port, behaviour, name);
    return url;
}

const char *web_log(void) {
    static char text[4096];
    FILE *file = fopen(web.log, "r");
    size_t n = 0;
    if (file != NULL && fseek(file, web.seen, SEEK_SET) == 0)
        n = fread(text, 1, sizeof text - 1, file);
    if (file != NULL)
        fclose(file);
    text[n] = '\0';
    web.seen += (long)n;
    return text;
}
