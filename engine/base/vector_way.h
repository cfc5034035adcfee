/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vector_way.h - how are the questions of ndr_vector.h answered with one width?
 *
 * Included by vector.c once a width, so that there is one body to get right. Wants
 *   WAY(f), NARROWER(f)     f's name in this width, and in the one below it
 *   TARGET                  the attribute that lets the compiler use these vectors
 *   WIDTH, VEC, LOAD, STORE, SPLAT    bytes of a vector, its type, unaligned access
 *   HIT, EQ, LESS, AND, OR  a comparison's outcome, its kinds (LESS: of signed bytes)
 *   BITS, HIGH              a bit a byte of a HIT; of each byte above 0x7f of a VEC
 * and takes all of them away again. What is shorter than a vector goes to the width
 * below: nothing is read outside, and short strings do not wait for wide registers.
 */

/* Where `a` stands with `b` behind it, among the WIDTH bytes at p; reads one more. */
static TARGET inline HIT
WAY(pair)(const unsigned char *p, VEC a, VEC b)
{
    return AND(EQ(LOAD(p), a), EQ(LOAD(p + 1), b));
}

/* The first place among the WIDTH ones at p; WIDTH when there is none. */
static TARGET inline size_t
WAY(find_here)(const unsigned char *p, VEC a, VEC b, const char *what, size_t len)
{
    for (uint64_t m = BITS(WAY(pair)(p, a, b)); m != 0; m &= m - 1) {
        const unsigned bit = (unsigned)__builtin_ctzll(m);
        if (rest_matches(p + bit, what, len))
            return bit;
    }
    return WIDTH;
}

static TARGET size_t
WAY(find)(const unsigned char *p, size_t n, const char *what, size_t len)
{
    enum { BLOCK = 4 * WIDTH };
    const VEC a = SPLAT(what[0]);
    const VEC b = SPLAT(what[1]);
    const unsigned char *q = p;
    const size_t starts = n < len ? 0 : n - len + 1; /* where it could begin */
    const unsigned char *const end = p + starts;
    for (; end - q >= BLOCK; q += BLOCK) {
        const HIT one = OR(WAY(pair)(q, a, b), WAY(pair)(q + WIDTH, a, b));
        const HIT two =
            OR(WAY(pair)(q + 2 * WIDTH, a, b), WAY(pair)(q + 3 * WIDTH, a, b));
        if (BITS(OR(one, two)) == 0)
            continue;
        for (size_t k = 0; k < BLOCK; k += WIDTH) {
            const size_t at = WAY(find_here)(q + k, a, b, what, len);
            if (at < WIDTH)
                return (size_t)(q - p) + k + at;
        }
    }
    for (; end - q >= WIDTH; q += WIDTH) {
        const size_t at = WAY(find_here)(q, a, b, what, len);
        if (at < WIDTH)
            return (size_t)(q - p) + at;
    }
    const size_t i = (size_t)(q - p);
    return i + NARROWER(find)(q, n - i, what, len);
}

static TARGET size_t
WAY(find_last)(const unsigned char *p, size_t n, size_t low, const char *what, size_t len)
{
    if (n < len || low > n - len)
        return n;
    const VEC a = SPLAT(what[0]);
    const VEC b = SPLAT(what[1]);
    size_t high = n - len + 1; /* all places are below it */
    while (high - low >= WIDTH) {
        high -= WIDTH;
        for (uint64_t m = BITS(WAY(pair)(p + high, a, b)); m != 0;) {
            const unsigned bit = 63u - (unsigned)__builtin_clzll(m);
            if (rest_matches(p + high + bit, what, len))
                return high + bit;
            m ^= UINT64_C(1) << bit;
        }
    }
    const size_t rest = high + len - 1;
    const size_t at = NARROWER(find_last)(p, rest, low, what, len);
    return at < rest ? at : n;
}

static TARGET size_t
WAY(ascii_length)(const unsigned char *p, size_t n)
{
    if (n < WIDTH)
        return NARROWER(ascii_length)(p, n);
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        const uint64_t m = HIGH(LOAD(p + i));
        if (m != 0)
            return i + (size_t)__builtin_ctzll(m);
    }
    if (i == n)
        return n;
    const size_t last = n - WIDTH; /* the rest, with bytes that are known */
    const uint64_t m = HIGH(LOAD(p + last)) >> (i - last);
    return m != 0 ? i + (size_t)__builtin_ctzll(m) : n;
}

/* Bit k: p[k] ends a plain run. `before` is whether p[-1] is a space. */
static TARGET inline uint64_t
WAY(unplain)(const unsigned char *p, uint64_t before)
{
    const VEC x = LOAD(p);
    const uint64_t space = BITS(EQ(x, SPLAT(' ')));
    /* as signed bytes, those above 0x7f are below 0x20 as well */
    return BITS(OR(LESS(x, SPLAT(0x20)), EQ(x, SPLAT(0x7f)))) |
           (space & (space << 1 | before));
}

static TARGET size_t
WAY(plain)(const unsigned char *p, size_t n)
{
    if (n < WIDTH)
        return NARROWER(plain)(p, n);
    uint64_t before = 0;
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        const uint64_t m = WAY(unplain)(p + i, before);
        if (m != 0)
            return i + (size_t)__builtin_ctzll(m);
        before = p[i + WIDTH - 1] == ' ';
    }
    if (i == n)
        return n;
    const size_t last = n - WIDTH; /* the rest, with bytes that are known to be plain */
    const uint64_t m = WAY(unplain)(p + last, 0) >> (i - last);
    return m != 0 ? i + (size_t)__builtin_ctzll(m) : n;
}

static TARGET size_t
WAY(name_bytes)(const unsigned char *p, size_t n)
{
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        const VEC x = LOAD(p + i);
        const uint64_t m =
            BITS(OR(LESS(x, SPLAT(0x21)), OR(EQ(x, SPLAT(':')), EQ(x, SPLAT(0x7f)))));
        if (m != 0)
            return i + (size_t)__builtin_ctzll(m);
    }
    return i + NARROWER(name_bytes)(p + i, n - i);
}

static TARGET size_t
WAY(field_end)(const unsigned char *p, size_t n)
{
    size_t i = 0;
    for (; i + WIDTH < n; i += WIDTH) {
        uint64_t m = BITS(EQ(LOAD(p + i), SPLAT('\n')));
        if (m == 0)
            continue;
        const VEC next = LOAD(p + i + 1);
        m &= ~BITS(OR(EQ(next, SPLAT(' ')), EQ(next, SPLAT('\t'))));
        if (m != 0)
            return i + (size_t)__builtin_ctzll(m) + 1;
    }
    return i + NARROWER(field_end)(p + i, n - i);
}

/* Copy WIDTH bytes. Bit k: a JSON string does not hold p[k] as it is. */
static TARGET inline uint64_t
WAY(copy_here)(unsigned char *to, const unsigned char *p)
{
    const VEC x = LOAD(p);
    STORE(to, x);
    return BITS(OR(OR(LESS(x, SPLAT(0x20)), EQ(x, SPLAT(0x7f))),
                   OR(EQ(x, SPLAT('"')), EQ(x, SPLAT('\\')))));
}

static TARGET size_t
WAY(copy_unescaped)(unsigned char *to, const unsigned char *p, size_t n)
{
    if (n < WIDTH)
        return NARROWER(copy_unescaped)(to, p, n);
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        const uint64_t m = WAY(copy_here)(to + i, p + i);
        if (m != 0)
            return i + (size_t)__builtin_ctzll(m);
    }
    if (i == n)
        return n;
    const size_t last = n - WIDTH; /* the rest, with bytes that were copied */
    const uint64_t m = WAY(copy_here)(to + last, p + last) >> (i - last);
    return m != 0 ? i + (size_t)__builtin_ctzll(m) : n;
}

static const ndr_vector_way WAY(way) = {
    .name = WAY_NAME,
    .usable = WAY(usable),
    .find = WAY(find),
    .find_last = WAY(find_last),
    .ascii_length = WAY(ascii_length),
    .plain = WAY(plain),
    .name_bytes = WAY(name_bytes),
    .field_end = WAY(field_end),
    .copy_unescaped = WAY(copy_unescaped),
};

#undef WAY
#undef WAY_NAME
#undef NARROWER
#undef TARGET
#undef WIDTH
#undef VEC
#undef LOAD
#undef STORE
#undef SPLAT
#undef HIT
#undef EQ
#undef LESS
#undef AND
#undef OR
#undef BITS
#undef HIGH
