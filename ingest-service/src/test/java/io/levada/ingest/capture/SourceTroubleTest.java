package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.sql.SQLException;
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

    /// What MariaDB's driver said of MySQL 9.7.
    @Test
    void saysWhatMySqlsDefaultAccountsWant() {
        SourceTrouble trouble = SourceTrouble.of(new SQLException(
                "RSA public key is not available client side (option serverRsaPublicKeyFile not set)", "S1009"));

        assertThat(trouble.code()).isEqualTo(IngestError.CAPTURE_LOGIN_REFUSED);
        assertThat(trouble.nextStep()).contains("?sslMode=trust");
    }
}
