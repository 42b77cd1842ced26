package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;

/// What maintenance could not do, or left alone.
public record Problem(String code, String detail, String nextStep) {
    public static Problem of(CatalogError error, String detail) {
        return new Problem(error.name(), detail, error.nextStep());
    }
}
