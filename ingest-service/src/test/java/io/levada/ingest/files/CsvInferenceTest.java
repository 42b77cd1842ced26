package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.CsvSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvInferenceTest {
    private static final int MAX_RECORD_BYTES = 300;

    @TempDir
    Path directory = Path.of("unset");

    /// The types of all columns, or why the file is refused.
    private String types(byte[] content, boolean halves) throws IOException {
        Path file = directory.resolve("file");
        Files.write(file, content);
        try (CsvFile csv = CsvFile.open(file, "file.csv", CsvSettings.DEFAULT, MAX_RECORD_BYTES)) {
            if (csv == null) {
                return "nothing";
            }
            @Nullable
            ColumnInference[] columns = new ColumnInference[csv.columns().size()];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = i == 1 ? null : new ColumnInference();
            }
            new CsvInference(csv, columns).run(halves);
            List<String> types = new ArrayList<>();
            for (ColumnInference column : columns) {
                types.add(column == null ? "known" : column.seen() + " " + column.type());
            }
            return types.toString();
        } catch (RefusedFile e) {
            return e.error() + " " + e.reason();
        }
    }

    @Test
    void findsInHalvesWhatItFindsAtOnce() throws IOException {
        Random random = new Random(3);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            byte[] content = content(random);

            String answer = types(content, true);

            assertThat(answer).isEqualTo(types(content, false));
            answers.add(answer);
        }
        assertThat(answers).anyMatch(answer -> answer.startsWith("FILES"));
        assertThat(answers.stream().distinct()).hasSizeGreaterThan(20);
    }

    /// A file whose middle may lie anywhere: in quotes, between blank lines, in a record that is too long.
    private static byte[] content(Random random) {
        String end = List.of("\n", "\r\n", "\n\n", "\r").get(random.nextInt(4));
        String mark = random.nextInt(5) == 0 ? "\ufeff" : "";
        StringBuilder text = new StringBuilder(mark).append("a,b,c").append(end);
        int records = random.nextInt(60);
        for (int i = 0; i < records; i++) {
            String number = i == records - 1 && random.nextBoolean() ? "1.5" : String.valueOf(random.nextInt(100));
            String long_ = random.nextInt(25) == 0 ? "long\n1,2,3\n".repeat(20 + random.nextInt(40)) : "x\n7,8";
            String quoted = random.nextInt(6) == 0 ? '"' + long_ + '"' : "2024-01-0" + (1 + random.nextInt(9));
            String stray = random.nextInt(60) == 0 ? "\"" : "";
            text.append(number)
                    .append(',')
                    .append(stray)
                    .append(number)
                    .append(',')
                    .append(quoted)
                    .append(end);
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(12) == 0 && bytes.length > 100) {
            bytes[50 + random.nextInt(bytes.length - 50)] = (byte) 0xe9;
        }
        return bytes;
    }

    @Test
    void readsOnWhereTheSecondHalfBeginsWithinAField() throws IOException {
        String rows = "1,\"x\n2,y\n3,z\n\",2024-01-01\n".repeat(50);

        assertThat(types(("a,b,c\n" + rows + "1.5,x,y\n").getBytes(UTF_8), true))
                .isEqualTo("[true decimal(18, 1), known, true string]");
    }

    @Test
    void addsWhatOnlyTheSecondHalfTells() throws IOException {
        byte[] content = ("a,b,c\n" + "1,2,2024-01-01\n".repeat(100) + "1,2,2024-01-01 10:00\n").getBytes(UTF_8);

        assertThat(types(content, true)).isEqualTo("[true long, known, true string]");
        assertThat(types(Arrays.copyOf(content, content.length - 22), true)).isEqualTo("[true long, known, true date]");
    }
}
