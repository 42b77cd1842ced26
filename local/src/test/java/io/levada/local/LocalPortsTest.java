package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class LocalPortsTest {
    @Test
    void givesTheServicesFivePortsInARow() {
        LocalPorts ports = new LocalPorts(8080);

        assertThat(ports.of(LevadaService.QUERY)).isEqualTo(8080);
        assertThat(ports.of(LevadaService.INGEST)).isEqualTo(8081);
        assertThat(ports.of(LevadaService.CATALOG)).isEqualTo(8082);
        assertThat(ports.of(LevadaService.TRANSFORM)).isEqualTo(8083);
        assertThat(ports.of(LevadaService.WAREHOUSE)).isEqualTo(8084);
    }

    @Test
    void namesAPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new LocalPorts(taken.getLocalPort()).requireFree())
                    .isInstanceOfSatisfying(LocalException.class, refused -> {
                        assertThat(refused.error()).isEqualTo(LocalError.PORT_IN_USE);
                        assertThat(refused).hasMessageContaining(Integer.toString(taken.getLocalPort()));
                    });
        }
    }

    @Test
    void refusesAFirstPortWithoutRoomForFive() {
        assertThatThrownBy(() -> new LocalPorts(65_532)).isInstanceOf(LocalException.class);
    }
}
