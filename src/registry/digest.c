#include "registry/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

struct fs_digest {
    EVP_MD_CTX *context;
};

const char *fs_digest_name(fs_digest_kind kind) {
    return kind == FS_DIGEST_SHA256 ? "SHA-256" : "git blob id";
}

int fs_digest_length(fs_digest_kind kind) {
    return kind == FS_DIGEST_SHA256 ? 64 : 40;
}

fs_status fs_digest_create(fs_digest **out, fs_digest_kind kind, int64_t size, fs_error *err) {
    fs_digest *digest = fs_calloc(1, sizeof *digest);
    if (digest == NULL)
        return fs_fail_memory(err, "a hash");
    fs_status status = FS_OK;
    const EVP_MD *method = kind == FS_DIGEST_SHA256 ? EVP_sha256() : EVP_sha1();
    digest->context = EVP_MD_CTX_new();
    if (digest->context == NULL || EVP_DigestInit_ex(digest->context, method, NULL) != 1)
        status = fs_fail(err, FS_ERROR_UNSUPPORTED, "%s is not available", fs_digest_name(kind));
    if (status == FS_OK && kind == FS_DIGEST_GIT_BLOB) {
        char header[32];
        int length = snprintf(header, sizeof header, "blob %lld", (long long)size);
        status = fs_digest_update(digest, header, (size_t)length + 1, err); /* the NUL belongs to it */
    }
    if (status != FS_OK) {
        fs_digest_destroy(digest);
        return status;
    }
    *out = digest;
    return FS_OK;
}

fs_status fs_digest_update(fs_digest *digest, const void *bytes, size_t size, fs_error *err) {
    if (EVP_DigestUpdate(digest->context, bytes, size) != 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "a hash could not be computed");
    return FS_OK;
}

fs_status fs_digest_finish(fs_digest *digest, char text[FS_DIGEST_TEXT], fs_error *err) {
    static const char digits[] = "0123456789abcdef";
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(digest->context, value, &length) != 1 || 2 * length >= FS_DIGEST_TEXT)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "a hash could not be computed");
    for (unsigned int i = 0; i < length; i++) {
        text[2 * i] = digits[value[i] >> 4];
        text[2 * i + 1] = digits[value[i] & 15];
    }
    text[2 * length] = '\0';
    return FS_OK;
}

void fs_digest_destroy(fs_digest *digest) {
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    fs_free(digest);
}
