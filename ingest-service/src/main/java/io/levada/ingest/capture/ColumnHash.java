package io.levada.ingest.capture;

import io.levada.definition.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The keyed hash of [io.levada.definition.ColumnRule#HASH]: HMAC-SHA-256 (RFC 2104) of a value's text in UTF-8, in
/// lower-case hexadecimal. Not safe for use by several threads.
public final class ColumnHash {
    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;

    public ColumnHash(Secret key) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.value().getBytes(StandardCharsets.UTF_8), ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }

    public String of(String text) {
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
