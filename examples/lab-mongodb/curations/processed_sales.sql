-- Sales that have a price, with their total.
SELECT
  id,
  product,
  quantity,
  CAST(price AS DECIMAL(18, 2)) AS price,
  CAST(quantity * price AS DECIMAL(18, 2)) AS total_value,
  "date"
FROM raw.sales_sales_data
WHERE price IS NOT NULL
