package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// The reference page is generated from the code. `-Dlevada.write.reference=true` writes it anew.
final class ErrorReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "errors.md");

    @Test
    void theReferencePageFollowsTheCode() throws IOException {
        String generated = page();
        if (Boolean.getBoolean("levada.write.reference")) {
            Files.writeString(PAGE, generated);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(generated);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Errors of the command

                Generated from the code by `ErrorReferenceTest`; do not edit it by hand.

                | code | who can mend it | meaning |
                |---|---|---|
                """);
        for (LocalError error : LocalError.values()) {
            page.append("| `%s` | %s | %s |\n"
                    .formatted(error.code(), error.kind().name().toLowerCase(Locale.ROOT), error.meaning()));
        }
        return page.toString();
    }
}
