package io.levada.ingest.binlog;

import java.nio.ByteBuffer;

/// Addresses as MariaDB writes them: the first longest run of zeros of an INET6 is left out, a run of one too.
final class InetText {
    private static final int WORDS = 8;
    private static final int IPV4_AT = 6;

    private InetText() {}

    static String inet4(byte[] address) {
        return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "." + (address[3] & 0xff);
    }

    static String inet6(byte[] address) {
        ByteBuffer bytes = ByteBuffer.wrap(address);
        int[] words = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = bytes.getShort(2 * i) & 0xffff;
        }
        int gap = -1;
        int gapLength = 0;
        for (int start = 0; start < WORDS; start++) {
            int length = 0;
            while (start + length < WORDS && words[start + length] == 0) {
                length++;
            }
            if (length > gapLength) {
                gap = start;
                gapLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            if (i == gap) {
                text.append(i == 0 ? "::" : ":");
                i += gapLength - 1;
            } else if (i == IPV4_AT && gap == 0 && (gapLength == 6 || gapLength == 5 && words[5] == 0xffff)) {
                return text + inet4(new byte[] {address[12], address[13], address[14], address[15]});
            } else {
                text.append(Integer.toHexString(words[i])).append(i + 1 < WORDS ? ":" : "");
            }
        }
        return text.toString();
    }
}
