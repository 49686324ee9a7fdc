export { DataTable } from './data-table';
export type { Column, DataTableProps, RowAction, RowPage, RowSource, Sort } from './types';
export { PAGE, type PagedRows, usePagedRows } from './use-paged-rows';
