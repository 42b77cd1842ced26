package io.levada.warehouse.load;

import java.sql.SQLException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// Where the loads are, over HTTP.
@RestController
final class StatusApi {
    private final Loads loads;

    StatusApi(Loads loads) {
        this.loads = loads;
    }

    @GetMapping("/v1/status")
    Loads.Status status() throws SQLException {
        return loads.status();
    }
}
