package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.levada.ingest.IngestError;
import io.levada.ingest.changes.RegistryAddress;
import io.levada.ingest.changes.SchemaRegistry;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class SourceTroubleTest {
    @Test
    void tellsALoginThatIsRefusedFromADatabaseThatIsAway() {
        SourceTrouble refused = SourceTrouble.of(
                new IllegalStateException(new SQLException("password authentication failed", "28P01")));
        SourceTrouble away = SourceTrouble.of(new SQLException("gone", "08006", new IOException("Connection refused")));

        assertThat(refused.code()).isEqualTo(IngestError.CAPTURE_LOGIN_REFUSED);
        assertThat(refused.message()).isEqualTo("SQLException: password authentication failed");
        assertThat(away.code()).isEqualTo(IngestError.CAPTURE_SOURCE_AWAY);
        assertThat(away.message()).isEqualTo("IOException: Connection refused");
    }

    @Test
    void namesWhoIsAway() throws Exception {
        SourceTrouble kafka = SourceTrouble.of(new IOException(new TimeoutException("Topic not present")));
        SourceTrouble catalog = SourceTrouble.of(new RESTException("Error occurred while processing GET request"));
        try (SchemaRegistry registry = new SchemaRegistry(URI.create("http://127.0.0.1:1/registry"))) {
            Throwable refused = catchThrowable(() -> registry.schema(1));

            assertThat(SourceTrouble.of(refused).code()).isEqualTo(IngestError.CAPTURE_CATALOG_AWAY);
        }
        RegistryAddress outside = new RegistryAddress(URI.create("http://127.0.0.1:1"), null, true);
        try (SchemaRegistry registry = new SchemaRegistry(outside)) {
            SourceTrouble trouble = SourceTrouble.of(catchThrowable(() -> registry.schema(1)));

            assertThat(trouble.code()).isEqualTo(IngestError.CAPTURE_REGISTRY_AWAY);
            assertThat(trouble.nextStep()).contains("http://127.0.0.1:1");
        }
        assertThat(kafka.code()).isEqualTo(IngestError.CAPTURE_KAFKA_AWAY);
        assertThat(catalog.code()).isEqualTo(IngestError.CAPTURE_CATALOG_AWAY);
    }

    /// What MariaDB's driver said of MySQL 9.7.
    @Test
    void saysWhatMySqlsDefaultAccountsWant() {
        SourceTrouble trouble = SourceTrouble.of(new SQLException(
                "RSA public key is not available client side (option serverRsaPublicKeyFile not set)", "S1009"));

        assertThat(trouble.code()).isEqualTo(IngestError.CAPTURE_LOGIN_REFUSED);
        assertThat(trouble.nextStep()).contains("?sslMode=trust");
    }
}
