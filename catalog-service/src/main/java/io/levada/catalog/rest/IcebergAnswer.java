package io.levada.catalog.rest;

import java.io.IOException;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/// Answers of the Iceberg REST protocol.
final class IcebergAnswer {
    private static final IcebergJson JSON = new IcebergJson();

    private IcebergAnswer() {}

    static ResponseEntity<byte[]> ok(RESTResponse response) throws IOException {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(JSON.write(response));
    }

    /// A table with its tag.
    static ResponseEntity<byte[]> tagged(LoadTableResponse response, SnapshotMode mode) throws IOException {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .eTag(TableTag.of(response.tableMetadata(), mode).value())
                .body(JSON.write(response));
    }

    static ResponseEntity<byte[]> notModified(TableTag tag) {
        return ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(tag.value()).build();
    }

    static ResponseEntity<byte[]> done() {
        return ResponseEntity.status(HttpStatus.NO_CONTENT).build();
    }

    static ResponseEntity<byte[]> failed(Exception failure) throws IOException {
        IcebergFailure answer = IcebergFailure.of(failure);
        return ResponseEntity.status(answer.status())
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.write(answer.response()));
    }

    /// @throws org.apache.iceberg.exceptions.BadRequestException where the body is none of that type
    static <T> T read(byte[] body, Class<T> type) throws IOException {
        return JSON.read(body, type);
    }
}
