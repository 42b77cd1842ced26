package io.levada.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.RegistryOnLoopback;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.lake.RawSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ChangeReaderTest {
    private static final ChangeSchema SCHEMA =
            ChangeSchema.of(List.of(new RawSchema.Column("id", Types.IntegerType.get())), List.of("id"));

    private RegistryOnLoopback server;
    private SchemaRegistry registry;

    @BeforeEach
    void startRegistry() throws IOException {
        server = new RegistryOnLoopback();
        registry = new SchemaRegistry(server.uri());
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
        server.close();
    }

    @Test
    void readsAChangeOfAKnownSchema() throws IOException {
        byte[] message = truncate(registry.register("t", SCHEMA));

        ReadChange read = new ChangeReader(new SchemaRegistry(server.uri())).read(message);

        assertThat(read)
                .isInstanceOfSatisfying(
                        ReadChange.Readable.class,
                        readable -> assertThat(readable.change().op()).isEqualTo("t"));
    }

    @Test
    void setsAsideOnlyWhatTheRegistryItselfDoesNotKnow() throws IOException {
        assertThat(new ChangeReader(registry).read(truncate(99)))
                .isInstanceOfSatisfying(
                        ReadChange.Unreadable.class,
                        unreadable -> assertThat(unreadable.error()).isEqualTo(IngestError.LANDING_UNKNOWN_SCHEMA));
    }

    @Test
    void asksAgainWhereAnotherServerAnswersOrNone() throws IOException {
        server.breakDown();
        assertThatThrownBy(() -> new ChangeReader(registry).read(truncate(99))).isInstanceOf(IOException.class);
        server.close();
        assertThatThrownBy(() -> new ChangeReader(registry).read(truncate(99))).isInstanceOf(IOException.class);
    }

    @Test
    void setsAsideRecordsThatAreNoChanges() throws IOException {
        int id = registry.register("t", SCHEMA);
        ChangeReader reader = new ChangeReader(registry);
        byte[] cut = Arrays.copyOf(truncate(id), 12);
        byte[] otherFormat = "{\"json\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8);

        for (byte[] message : Arrays.asList(cut, otherFormat, new byte[3], null)) {
            assertThat(reader.read(message))
                    .isInstanceOfSatisfying(
                            ReadChange.Unreadable.class,
                            unreadable ->
                                    assertThat(unreadable.error()).isEqualTo(IngestError.LANDING_UNREADABLE_CHANGE));
        }
        assertThat(reader.read(truncate(id))).isInstanceOf(ReadChange.Readable.class);
    }

    private static byte[] truncate(int schemaId) {
        byte[] message = new ChangeEncoder(SCHEMA, schemaId)
                .encode(new Change(
                        "t",
                        "0001-00000000000000000007",
                        "0/1",
                        OffsetDateTime.of(2026, 11, 21, 0, 0, 0, 0, ZoneOffset.UTC),
                        "5",
                        null,
                        null,
                        null,
                        List.of(),
                        null));
        assertThat(ByteBuffer.wrap(message, 1, 4).getInt()).isEqualTo(schemaId);
        return message;
    }
}
