package io.levada.catalog.crawl;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A folder named `key=value`, as Hive names partitions: the value percent-encoded where it needs it.
///
/// @param value null for [#NULL]
/// @param isTooLong whether a disk can not have a folder of that name
record PartitionFolder(String key, @Nullable String value, boolean isTooLong) {
    static final String NULL = "__HIVE_DEFAULT_PARTITION__";
    static final int MOST_BYTES = 255;

    static Optional<PartitionFolder> of(String folder) {
        int sign = folder.indexOf('=');
        if (sign < 1) {
            return Optional.empty();
        }
        String value = folder.substring(sign + 1);
        return Optional.of(new PartitionFolder(
                folder.substring(0, sign),
                value.equals(NULL) ? null : decoded(value),
                folder.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES));
    }

    /// Those among folders, in their order.
    static List<PartitionFolder> in(List<String> folders) {
        List<PartitionFolder> found = new ArrayList<>();
        folders.forEach(folder -> of(folder).ifPresent(found::add));
        return found;
    }

    static List<String> keys(List<PartitionFolder> folders) {
        return folders.stream().map(PartitionFolder::key).toList();
    }

    /// Unlike in forms on the web, `+` is itself.
    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%' && isHex(text, i + 1)) {
                bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                int end = text.offsetByCodePoints(i, 1);
                bytes.writeBytes(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isHex(String text, int from) {
        return from + 2 <= text.length()
                && HexFormat.isHexDigit(text.charAt(from))
                && HexFormat.isHexDigit(text.charAt(from + 1));
    }
}
