/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * crypto_lib.h - how is libcrypto there only for those who ask for a proof?
 *
 * To load it takes half as long as all else that a start does. So it is not linked:
 * ndr_crypto_load() loads it, and behind this header its functions go by their own names
 * through a table. Include this, not <openssl/...>. Objects that need it load it when
 * they are made; whatever is given one of them need not.
 */
#ifndef NDR_CRYPTO_LIB_H
#define NDR_CRYPTO_LIB_H

#include "ndrscan.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#define NDR_CRYPTO_CALLS(X)                                                              \
    X(ERR_clear_error)                                                                   \
    X(EVP_DigestFinal_ex)                                                                \
    X(EVP_DigestInit_ex2)                                                                \
    X(EVP_DigestUpdate)                                                                  \
    X(EVP_DigestVerify)                                                                  \
    X(EVP_DigestVerifyInit_ex)                                                           \
    X(EVP_MD_CTX_free)                                                                   \
    X(EVP_MD_CTX_new)                                                                    \
    X(EVP_MD_CTX_reset)                                                                  \
    X(EVP_MD_fetch)                                                                      \
    X(EVP_MD_free)                                                                       \
    X(EVP_PKEY_CTX_free)                                                                 \
    X(EVP_PKEY_CTX_new_from_pkey)                                                        \
    X(EVP_PKEY_CTX_set_rsa_padding)                                                      \
    X(EVP_PKEY_CTX_set_signature_md)                                                     \
    X(EVP_PKEY_free)                                                                     \
    X(EVP_PKEY_get_bits)                                                                 \
    X(EVP_PKEY_get_raw_public_key)                                                       \
    X(EVP_PKEY_is_a)                                                                     \
    X(EVP_PKEY_new_raw_private_key)                                                      \
    X(EVP_PKEY_new_raw_public_key)                                                       \
    X(EVP_PKEY_verify)                                                                   \
    X(EVP_PKEY_verify_init)                                                              \
    X(EVP_md5)                                                                           \
    X(EVP_sha1)                                                                          \
    X(HMAC)                                                                              \
    X(OPENSSL_cleanse)                                                                   \
    X(OPENSSL_version_major)                                                             \
    X(SHA256)                                                                            \
    X(d2i_AutoPrivateKey)                                                                \
    X(d2i_PUBKEY)                                                                        \
    X(d2i_PublicKey)                                                                     \
    X(i2d_PUBKEY)

#define NDR_CRYPTO_MEMBER(name) __typeof__(&name) name;
typedef struct ndr_crypto_calls {
    NDR_CRYPTO_CALLS(NDR_CRYPTO_MEMBER)
} ndr_crypto_calls;

/* Filled by ndr_crypto_load. */
extern ndr_crypto_calls ndr_crypto;

/* Load the library, once. NDR_E_LIMIT: it is not there, or another than this was built
 * for. Thread: any. */
int ndr_crypto_load(ndr_error *err);

#if !defined(NDR_CRYPTO_OWN_NAMES)
#define ERR_clear_error               ndr_crypto.ERR_clear_error
#define EVP_DigestFinal_ex            ndr_crypto.EVP_DigestFinal_ex
#define EVP_DigestInit_ex2            ndr_crypto.EVP_DigestInit_ex2
#define EVP_DigestUpdate              ndr_crypto.EVP_DigestUpdate
#define EVP_DigestVerify              ndr_crypto.EVP_DigestVerify
#define EVP_DigestVerifyInit_ex       ndr_crypto.EVP_DigestVerifyInit_ex
#define EVP_MD_CTX_free               ndr_crypto.EVP_MD_CTX_free
#define EVP_MD_CTX_new                ndr_crypto.EVP_MD_CTX_new
#define EVP_MD_CTX_reset              ndr_crypto.EVP_MD_CTX_reset
#define EVP_MD_fetch                  ndr_crypto.EVP_MD_fetch
#define EVP_MD_free                   ndr_crypto.EVP_MD_free
#define EVP_PKEY_CTX_free             ndr_crypto.EVP_PKEY_CTX_free
#define EVP_PKEY_CTX_new_from_pkey    ndr_crypto.EVP_PKEY_CTX_new_from_pkey
#define EVP_PKEY_CTX_set_rsa_padding  ndr_crypto.EVP_PKEY_CTX_set_rsa_padding
#define EVP_PKEY_CTX_set_signature_md ndr_crypto.EVP_PKEY_CTX_set_signature_md
#define EVP_PKEY_free                 ndr_crypto.EVP_PKEY_free
#define EVP_PKEY_get_bits             ndr_crypto.EVP_PKEY_get_bits
#define EVP_PKEY_get_raw_public_key   ndr_crypto.EVP_PKEY_get_raw_public_key
#define EVP_PKEY_is_a                 ndr_crypto.EVP_PKEY_is_a
#define EVP_PKEY_new_raw_private_key  ndr_crypto.EVP_PKEY_new_raw_private_key
#define EVP_PKEY_new_raw_public_key   ndr_crypto.EVP_PKEY_new_raw_public_key
#define EVP_PKEY_verify               ndr_crypto.EVP_PKEY_verify
#define EVP_PKEY_verify_init          ndr_crypto.EVP_PKEY_verify_init
#define EVP_md5                       ndr_crypto.EVP_md5
#define EVP_sha1                      ndr_crypto.EVP_sha1
#define HMAC                          ndr_crypto.HMAC
#define OPENSSL_cleanse               ndr_crypto.OPENSSL_cleanse
#define OPENSSL_version_major         ndr_crypto.OPENSSL_version_major
#define SHA256                        ndr_crypto.SHA256
#define d2i_AutoPrivateKey            ndr_crypto.d2i_AutoPrivateKey
#define d2i_PUBKEY                    ndr_crypto.d2i_PUBKEY
#define i2d_PUBKEY                    ndr_crypto.i2d_PUBKEY
#define d2i_PublicKey                 ndr_crypto.d2i_PublicKey
#endif

#endif
